"""Signals as something to wait for: each arrives as one byte on a file descriptor."""

from __future__ import annotations

import os
import signal

WANTED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGWINCH)


class Signals:
    """From now on the wanted signals do nothing but wake whoever selects `fd`."""

    def __init__(self) -> None:
        self.fd, self._in = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._in, False)
        signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)
        for signum in WANTED:
            signal.signal(signum, lambda *_: None)

    def read(self) -> list[int]:
        """What has arrived since the last call, in order."""
        try:
            return list(os.read(self.fd, 4096))
        except BlockingIOError:
            return []


def restore() -> None:
    """Every signal as a program expects to find it, in a child before exec."""
    signal.set_wakeup_fd(-1)
    for signum in (*WANTED, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def block_all() -> None:
    """Until `unblock_all` no signal arrives; those sent meanwhile arrive then."""
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())


def unblock_all() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
