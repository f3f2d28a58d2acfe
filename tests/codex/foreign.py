"""A real App Server that somebody else has started: on a Unix socket, or on a port with or without a token."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.waiting import until
from tmuxorch.codex import binary

TOKEN = "hush-hush-7f3a"


class Foreign:
    """A server that `start` starts, and again at the same place after `kill`. `place` is a Unix socket in
    `directory`, or a port of this machine for one that `listens` on ws:// (with a `token` that it wants)."""

    def __init__(
        self, directory: Path, environ: Mapping[str, str], *, web: bool = False, token: str = ""
    ) -> None:
        self._directory = directory
        self._environ = dict(environ)
        self._log = directory / "foreign.log"
        self._token = directory / "foreign.token"
        if token:
            self._token.write_text(token)
        self.endpoint = "ws://127.0.0.1:0" if web else f"unix://{directory / 'foreign.sock'}"
        self.process: subprocess.Popen[bytes]

    def start(self) -> Self:
        """Starts it; it listens when this returns."""
        argv = [str(binary.find()), "app-server", "--listen", self.endpoint]
        if self._token.exists():
            argv += ["--ws-auth", "capability-token", "--ws-token-file", str(self._token)]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                env=self._environ,
                start_new_session=True,
            )
        until(lambda: self._listening() or self.process.poll() is not None, 20, "the foreign server")
        assert self.process.poll() is None, self._log.read_text()
        return self

    def _listening(self) -> bool:
        if self.endpoint.startswith("unix://"):  # where one that was killed has left its socket
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as one:
                one.connect(str(self._directory / "foreign.sock"))
                return True
            return False
        found = re.search(r"listening on: (ws://\S+)", self._log.read_text())
        if found:
            self.endpoint = found[1]
        return found is not None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """kill -9, with all that it runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.kill()
