"""What interactive commands know of the project: kept up to date, across restarts of the controller."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

from tmuxorch.cli.client import Client, connect
from tmuxorch.cli.output import Json
from tmuxorch.errors import ControllerUnavailable, TmuxorchError
from tmuxorch.store.paths import ProjectPaths

RETRY = 0.5
"""Seconds between tries to reach a controller that is not there."""

Then = Callable[[Any], None]
Else = Callable[[TmuxorchError], None]


class Subscription:
    """Status, activity and when each one was heard (epoch seconds) as of the last `look`. `problem` says why they may
    be old; empty when they are not."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._paths = paths
        self._client: Client | None = None
        self._try_at = 0.0
        self._asked: dict[int, tuple[Then, Else]] = {}
        self.status: Json | None = None
        self.activity: dict[str, str] = {}
        self.heard: dict[str, float] = {}
        self.problem = ""

    def fileno(self) -> int | None:
        """For select; None while nothing is there to wait for."""
        return self._client.fileno() if self._client else None

    def look(self) -> bool:
        """Takes what has arrived, without waiting; connects again if the connection is lost. True if anything is
        new."""
        before = self.problem
        client = self._connected()
        if client is None:
            return self.problem != before
        try:
            arrived = bool(select.select([client], [], [], 0)[0])
            if arrived:
                client.pump()
        except ControllerUnavailable as error:
            self._lost(error)
            return True
        for note in client.notes():
            self.status = note["status"]
            self.activity = note.get("activity") or {}
            self.heard = note.get("heard") or {}
        self._deliver(client)
        return arrived or self.problem != before

    def ask(self, method: str, params: Json, then: Then, otherwise: Else) -> None:
        """Sends a request; `then` or `otherwise` is called by a later `look`."""
        if self._client is None:
            otherwise(ControllerUnavailable(self.problem, hint="tmuxorch up"))
            return
        try:
            self._asked[self._client.send(method, params)] = (then, otherwise)
        except ControllerUnavailable as error:
            otherwise(error)

    def close(self) -> None:
        """Hangs up."""
        if self._client:
            self._client.close()

    def _connected(self) -> Client | None:
        if self._client is None and time.monotonic() >= self._try_at:
            self._try_at = time.monotonic() + RETRY
            try:
                self._client = connect(self._paths)
                self._client.send("subscribe")
            except TmuxorchError as error:
                self.close()
                self.problem = error.message
                self._client = None
            else:
                self.problem = ""
        return self._client

    def _lost(self, error: ControllerUnavailable) -> None:
        self.close()
        self._client = None
        self._try_at = time.monotonic() + RETRY
        self.problem = "the controller is not running"
        waiting, self._asked = self._asked, {}
        for _, otherwise in waiting.values():
            otherwise(error)

    def _deliver(self, client: Client) -> None:
        for number in [number for number in self._asked if client.answered(number)]:
            then, otherwise = self._asked.pop(number)
            try:
                result = client.taken(number)
            except TmuxorchError as error:
                otherwise(error)
            else:
                then(result)
