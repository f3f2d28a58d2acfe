"""A child whose App Server somebody else runs, behind a line that can be cut."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Self

from tests.codex.foreign import Foreign
from tests.e2e.project import Json, Project
from tests.waiting import until

VARIABLE = "FAR_TOKEN"


def foreign(project: Project, *, web: bool = False, token: str = "") -> Foreign:
    """A server with a CODEX_HOME of its own, on the project's model; not started."""
    place = project.directory / "far"
    place.mkdir()
    shutil.copytree(project.directory / "codex-home", place / "home")
    return Foreign(place, {**project.environ, "CODEX_HOME": str(place / "home")}, web=web, token=token)


def attach(project: Project, endpoint: str, *, token: bool = False, child: str = "app") -> None:
    """Gives a child of the configuration that endpoint."""
    text = project.config.read_text()
    more = f", token_env: {VARIABLE}" if token else ""
    entry = rf"\{{name: {child}, path: repos/{child}.*\}}"
    new = f'{{name: {child}, path: repos/{child}, endpoint: "{endpoint}"{more}}}'
    project.config.write_text(re.sub(entry, new, text))


def child(project: Project, name: str = "app") -> Json:
    """The public object of a child."""
    return next(one for one in project.call("status")["children"] if one["name"] == name)


def in_state(project: Project, state: str, name: str = "app") -> None:
    """Waits until the child is in that state."""
    until(lambda: child(project, name)["state"] == state, 30, f"{name} {state}")


@contextlib.contextmanager
def stopped(server: Foreign) -> Iterator[None]:
    """It takes what it is sent, and does nothing meanwhile."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


class Line:
    """Passes bytes on to a port of this machine, until it is cut."""

    def __init__(self, endpoint: str) -> None:
        self._port = int(endpoint.rpartition(":")[2])
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"ws://127.0.0.1:{self._listening.getsockname()[1]}"
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def cut(self) -> None:
        """Ends all connections; new ones are possible at once."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()  # from now on nobody comes
        self.cut()
        for thread in self._threads:
            thread.join()
        for end in (self._listening, *self._ends):
            end.close()

    def _begin(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._port))
                except OSError:
                    near.close()
                    continue
                self._ends += [near, far]
                self._begin(self._pump, near, far)
                self._begin(self._pump, far, near)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
