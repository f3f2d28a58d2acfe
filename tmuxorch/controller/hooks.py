"""The command that is run for each worker that has ended.

It gets the worker's public object as JSON on stdin, and the most wanted of it in TMUXORCH_… variables. Its output is in
`hook.log` beside the worker's other files. It has a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence

from msgspec import json

from tmuxorch.core import model as m
from tmuxorch.ledger import public_workers
from tmuxorch.store.paths import ProjectPaths

TIMEOUT = 60.0
"""Seconds that it may take."""


async def run(
    argv: Sequence[str],
    env: Mapping[str, str],
    paths: ProjectPaths,
    state: m.State,
    name: str,
    timeout: float = TIMEOUT,
) -> str:
    """Runs it for the worker of that name, in the project's directory; what went wrong, empty when nothing did. After
    `timeout` seconds it is killed.
    """
    worker = state.workers[name]
    described = public_workers.worker(state, worker)
    told = {
        "TMUXORCH_WORKER": name,
        "TMUXORCH_LABEL": described.label,
        "TMUXORCH_OUTCOME": str(described.outcome),
        "TMUXORCH_PROJECT": str(paths.project),
        "TMUXORCH_RESULT": str(paths.attempt(name, worker.attempt) / "last_message.md"),
    }
    file = paths.worker(name) / "hook.log"
    try:
        log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return f"{file} cannot be written: {error.strerror}"
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**env, **told},
            cwd=paths.project,
            start_new_session=True,
        )
    except OSError as error:
        return f"{argv[0]} cannot be run: {error.strerror}"
    finally:
        os.close(log)
    try:
        async with asyncio.timeout(timeout):
            with contextlib.suppress(ConnectionError):
                await process.communicate(json.encode(described))
            code = await process.wait()
    except TimeoutError:
        return f"it took longer than {timeout:g} s"
    finally:
        # Also when the controller ends meanwhile: the next one runs it again. What it started is ended with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            await process.wait()
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}" if code else ""
