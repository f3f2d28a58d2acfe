"""The life of the controller: the one process that decides, in the window `controller`.

Like a host it survives the end of its window and of the tmux server: hanging up only silences it. It may be killed at
any time; the next one takes up where the journal ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from tmuxorch import __version__
from tmuxorch.codex import binary
from tmuxorch.controller import history
from tmuxorch.controller.api.server import serve
from tmuxorch.controller.app import App
from tmuxorch.controller.installed import codex_version
from tmuxorch.controller.vault import MaskedLog
from tmuxorch.core import messages as msg
from tmuxorch.errors import TmuxorchError, UsageError
from tmuxorch.store import config as configuration
from tmuxorch.store.journal import Journal
from tmuxorch.store.lock import ControllerLock
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.watch import watch
from tmuxorch.tmux import binary as tmux_binary

log = logging.getLogger("tmuxorch.controller")

FAREWELL = 2.0
"""Seconds in which clients take the last that they are sent."""


def main(argv: list[str]) -> int:
    """Runs until `down` or a signal to end; returns the exit status, as in errors.py."""
    try:
        match argv:
            case ["--project", directory]:
                paths = ProjectPaths(Path(directory))
            case _:
                raise UsageError("usage: python -m tmuxorch.controller --project DIR")
        paths.ensure()
        _log_to(paths.controller_log)
        asyncio.Runner().run(
            _live(paths)
        )  # not closed: that would wait for what others may have left waiting
    except TmuxorchError as error:
        return _failed(error)
    except BaseExceptionGroup as group:
        match group.exceptions:
            case [TmuxorchError() as only]:
                return _failed(only)
        log.error("the controller ends: %s", "; ".join(str(one) for one in group.exceptions), exc_info=group)
        return 1
    return 0


def _failed(error: TmuxorchError) -> int:
    log.error("%s%s", error.message, f" · next: {error.hint}" if error.hint else "")
    return error.exit_code


def _log_to(path: Path) -> None:
    """The log goes to its file, and to the window while there is one."""
    os.umask(0o077)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logging.raiseExceptions = False  # the window may be gone
    handlers: list[logging.Handler] = [logging.FileHandler(path)]
    if sys.stdout.isatty():
        handlers.append(logging.StreamHandler(sys.stdout))
    form = "%(asctime)s %(levelname).1s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, datefmt="%H:%M:%S", handlers=handlers)
    for noisy in ("watchfiles", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


async def _live(paths: ProjectPaths) -> None:
    lock = ControllerLock(paths.controller_lock)
    lock.acquire()
    config = configuration.load(paths.config)
    codex = binary.find(config.codex.bin or None)
    journal = Journal.open(paths.journal)
    app = App(paths, config, codex, history.resume(journal, paths), journal)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(MaskedLog(handler.formatter or logging.Formatter(), app.engine.vault))
    app.versions = (await asyncio.to_thread(codex_version, codex), tmux_binary.version())
    log.info("tmuxorch %s · Codex %s · tmux %s", __version__, *app.versions)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (app.engine.run(), app.hints.run())]
        await app.engine.submit(msg.Woke(pid=os.getpid(), version=__version__))
        await app.adopt(config)
        await app.desk.attach()
        tasks += [group.create_task(work) for work in (app.views.run(), app.notices.run(), _edits(app))]
        server = await serve(app, paths.bind_socket())
        app.look()
        await app.stopped()
        server.close()
        await _wind_down(app)
        for task in tasks:
            task.cancel()
    history.snapshot(journal, app.engine.state)
    journal.close()
    paths.socket.unlink(missing_ok=True)
    lock.release()
    # For who waits for our end, this is it. Who does not take what was sent to them is not waited for.
    if closing := [asyncio.create_task(connection.close()) for connection in app.connections]:
        await asyncio.wait(closing, timeout=FAREWELL)


async def _edits(app: App) -> None:
    """Takes edits of plan.md as they are saved."""
    async for batch in watch(app.paths.project, recursive=False):
        if app.paths.plan in batch:
            await app.views.read_plan()


async def _wind_down(app: App) -> None:
    """Lets go of everything outside; what runs in windows goes on."""
    await app.executor.close()
    await app.processes.close()
    await app.activities.close()
    await app.threads.close()
    with contextlib.suppress(TmuxorchError, OSError):
        await app.views.flush()
    with contextlib.suppress(TmuxorchError):
        await (app.desk.end_session() if app.ends_session else app.desk.close())
