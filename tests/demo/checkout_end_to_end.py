"""The mended backend, edge and frontend (paths in that order) take checkouts, over connections that go stale.

Prints the pages of a wrong form, of a good one and of one without a session, and the log lines of the edge.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

sys.path[:0] = sys.argv[1:]
api = importlib.import_module("checkout.api")
orders = importlib.import_module("checkout.orders")
worker = importlib.import_module("edge.worker")
wire = importlib.import_module("edge.wire")
checkout = importlib.import_module("shop.checkout")

GOOD = {"email": "ada@example.com", "name": "Ada", "postcode": "12345"}


class Origin:
    """The backend; every second connection is stale."""

    def __init__(self) -> None:
        self.api = api.Api(orders.Orders(), {"s-ada": "ada"})
        self.calls = 0

    def send(self, request: Any) -> Any:
        self.calls += 1
        if self.calls % 2:
            raise wire.Stale
        status, body = self.api.handle(
            request.method, request.path, request.headers, json.loads(request.body)
        )
        return wire.Answer(status, json.dumps(body).encode())


class Gateway:
    """The edge, as the frontend sees it."""

    def post(self, path: str, headers: dict[str, str], body: dict[str, str]) -> tuple[int, Any]:
        asked = wire.Request("POST", path, headers, json.dumps(body).encode())
        answer = worker.handle(asked, origin, lines.append)
        return answer.status, json.loads(answer.body)


lines: list[str] = []
origin = Origin()
pages = [
    checkout.submit(Gateway(), session, typed)
    for session, typed in (("s-ada", GOOD | {"postcode": "<b>1"}), ("s-ada", GOOD), ("", GOOD))
]
print(json.dumps([*pages, lines]))
