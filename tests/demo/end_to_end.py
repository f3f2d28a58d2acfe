"""The mended backend, firmware and mobile app (paths in that order) connect one device; time is made up.

Prints the device's id and after how many seconds the app says "Connected".
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

RADIO_UP = 38.0  # seconds; more than the 30 after which the old app gave up

sys.path[:0] = sys.argv[1:]
api = importlib.import_module("backend.api")
registry = importlib.import_module("backend.registry")
announcing = importlib.import_module("firmware.onboarding")
provisioning = importlib.import_module("firmware.provisioning")
app = importlib.import_module("mobile.onboarding")
handover = importlib.import_module("mobile.handover")


class Radio:
    """The device's link; the message gets through once."""

    def post(self, path: str, body: dict[str, Any]) -> int:
        status: int = backend.handle("POST", path, body)[0]
        return status


class Phone:
    """Backend, screen and clock of the app. The device starts when the app has waited long enough."""

    def __init__(self) -> None:
        self.time = 0.0
        self.given: Any = None

    def request(self, method: str, path: str, body: Any, timeout: float) -> Any:
        return backend.handle(method, path, body)

    def show(self, text: str) -> None:
        """Nobody looks."""

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self.time > RADIO_UP and self.given:
            assert announcing.announce(Radio(), self, self.given)
            self.given = None

    def hand_over(self, registration_id: str) -> None:
        self.given = provisioning.parse(handover.message("SN-7", "home", registration_id))


phone = Phone()
backend = api.Api(registry.Registry(), phone)
device = app.connect(phone, phone, phone, "SN-7", "ada", phone.hand_over)
print(json.dumps([device, phone.time]))
