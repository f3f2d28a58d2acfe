"""`host view exec|frames|log FILE`: looks at a file that another process writes, until it is told to end."""

from __future__ import annotations

import os
import signal

from tmuxorch.host import records, spec, views
from tmuxorch.host.screen import Screen
from tmuxorch.host.signals import Signals

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def main(kind: str, file: str, title: str) -> int:
    """Draws until INT, TERM or HUP. For the stdout of a host, title and directory come from its spec, and the end of
    its process is shown."""
    signals = Signals()
    directory = os.path.dirname(file)
    hosts = _spec_of(file)
    cwd = hosts.cwd if hosts else ""
    live = views.of_file(Screen(), kind, file, cwd, hosts.shown if hosts else None)
    live.draw(views.heading(title or (hosts.title if hosts else os.path.basename(file)), cwd))
    live.look(None)
    ended = None
    while not any(signum in ENDS for signum in signals.read()):
        if hosts and ended is None and (ended := records.read_exit(directory)):
            live.finish(None, views.ending(directory, hosts, ended))
        live.wait(signals.fd)
    live.end([])
    return 0


def _spec_of(file: str) -> spec.Spec | None:
    """The spec of the host whose stdout the file is."""
    directory = os.path.dirname(file)
    try:
        found = spec.load(directory)
    except spec.SpecError:
        return None
    return found if os.path.join(directory, found.stdout) == file else None
