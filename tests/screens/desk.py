"""A socket that speaks the controller's protocol and says what a test wants: for what is drawn, and how fast.

What keys do is tested with the real controller.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.waiting import until
from tmuxorch.store.paths import ProjectPaths

Json = dict[str, Any]


class Desk:
    """Serves one project until `close`. `requests` are those that came, but for the greeting and the subscription; they
    get `answers` by method."""

    def __init__(self, project: Path) -> None:
        project.mkdir(exist_ok=True)
        (project / "orchestrator.config.yaml").write_text("children: []\n")
        self.project = project
        self.requests: list[tuple[str, Json]] = []
        self.answers: dict[str, Any] = {}
        self._said = b""
        self._clients: list[socket.socket] = []
        self._sending = threading.Lock()
        paths = ProjectPaths(project)
        paths.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._address = paths.bind_socket()
        self.listen()

    def listen(self) -> None:
        """Is there, as after a start."""
        self._address.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._address))
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,)).start()

    def say(self, status: Json, activity: Mapping[str, str] | None = None, **heard: float) -> None:
        """Tells everybody who is subscribed, or will be."""
        params = {"status": status, "activity": dict(activity or {}), "heard": heard}
        self._said = json.dumps({"jsonrpc": "2.0", "method": "changed", "params": params}).encode() + b"\n"
        with self._sending:
            for client in list(self._clients):
                with suppress(OSError):  # it has just hung up
                    client.sendall(self._said)

    def asked(self, method: str) -> Json:
        """Waits for a request; what it had."""
        until(lambda: any(name == method for name, _ in self.requests), what=f"request {method}")
        return next(params for name, params in reversed(self.requests) if name == method)

    def close(self) -> None:
        """Hangs up, as a controller that ends."""
        with suppress(OSError):  # it is closed already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for client in list(self._clients):
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        until(lambda: not self._clients, what="everybody hung up")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,)).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(ConnectionError):
            for line in lines:
                request = json.loads(line)
                answer = {"jsonrpc": "2.0", "id": request["id"], **self._answer(request)}
                with self._sending:
                    client.sendall(json.dumps(answer).encode() + b"\n")
                    if request["method"] == "subscribe":
                        self._clients.append(client)
                        client.sendall(self._said)
        if client in self._clients:
            self._clients.remove(client)

    def _answer(self, request: Json) -> Json:
        match request["method"]:
            case "hello":
                return {"result": {"api": 1, "version": "0"}}
            case "subscribe":
                return {"result": {}}
            case method:
                self.requests.append((method, request["params"]))
                return {"result": self.answers.get(method)}
