"""Running git: nothing it is asked to do may run a command of the repo's, wait for a person, or write what it need not.

What of a repo can still make git run a program are its filters (`filter.<name>.clean` and the like): they are part of
what a file's content is. See docs/notes.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tmuxorch.errors import Refused, TimedOut, ToolMissing

TIMEOUT = 60.0
"""Seconds that git may take for one thing."""

GRACE = 2.0
"""Seconds in which git tidies up after it was told to end."""

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between tries while another git holds a lock; nothing has happened then."""

ALWAYS = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "submodule.recurse=false"),
    *("-c", "log.showSignature=false"),
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
)
OFFLINE = ("-c", "protocol.allow=never")


class Busy(Refused):
    """Another git holds a lock."""


def environment(repo: str, **more: str) -> dict[str, str]:
    """Git's environment: none of whoever started us, nothing optional is written (no index refresh), nothing is asked
    of a person, and no repo is looked for above `repo`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_EDITOR": "false",
        "GIT_CEILING_DIRECTORIES": os.path.dirname(os.path.realpath(repo)),
        "LC_ALL": "C.UTF-8",
        **more,
    }


async def run(
    repo: str,
    *words: str,
    stdin: bytes = b"",
    fine: Sequence[int] = (0,),
    env: Mapping[str, str] | None = None,
    online: bool = False,
    timeout: float = TIMEOUT,
    inherits: Sequence[int] = (),
) -> bytes:
    """What `git WORDS` prints in `repo`.

    Raises Refused in git's own words when it ends with a status that is not `fine`, or when `repo` is gone; TimedOut;
    ToolMissing without git. `online` lets it fetch what a partial clone lacks; descriptors that it `inherits` are open
    as long as it or what it started is alive.
    """
    if not Path(repo).is_dir():
        raise Refused(f"{repo} is not there any more", hint="put the repo back, or tmuxorch cancel")
    for pause in (*PAUSES, None):
        process = await _start(repo, words, env or {}, online, inherits)
        try:
            async with asyncio.timeout(timeout):
                out, err = await process.communicate(stdin)
        except TimeoutError:
            raise TimedOut(f"git {words[0]} took longer than {timeout:g} s in {repo}") from None
        finally:
            await asyncio.shield(_end(process))
        if process.returncode in fine:
            break
        refused = _refusal(repo, words, err.decode(errors="replace"))
        if pause is None or not isinstance(refused, Busy):
            raise refused
        await asyncio.sleep(pause)
    return out


async def read(repo: str, *words: str, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of what `git WORDS` prints in `repo`, and whether there was more. Errors as of `run`."""
    process = await _start(repo, words, {}, online=False)
    try:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        async with asyncio.timeout(TIMEOUT):
            kept = await _up_to(process.stdout, limit + 1)
            if len(kept) <= limit:
                _, err = await process.communicate()
                if process.returncode:
                    raise _refusal(repo, words, err.decode(errors="replace"))
    except TimeoutError:
        raise TimedOut(f"git {words[0]} took longer than {TIMEOUT:g} s in {repo}") from None
    finally:
        await asyncio.shield(_end(process))
    return kept[:limit], len(kept) > limit


async def _up_to(stream: asyncio.StreamReader, size: int) -> bytes:
    kept = bytearray()
    while len(kept) < size and (chunk := await stream.read(size - len(kept))):
        kept += chunk
    return bytes(kept)


async def _start(
    repo: str, words: Sequence[str], env: Mapping[str, str], online: bool, inherits: Sequence[int] = ()
) -> asyncio.subprocess.Process:
    more = dict(env) | ({"GIT_NO_LAZY_FETCH": "0"} if online else {})
    try:
        return await asyncio.create_subprocess_exec(
            "git",
            *ALWAYS,
            *(() if online else OFFLINE),
            *("-C", repo),
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(repo, **more),
            start_new_session=True,  # a filter that it started ends with it
            pass_fds=inherits,
        )
    except FileNotFoundError as error:
        raise ToolMissing("git is not installed", hint="install git") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends what is still running; git gets the time to take its half-done work away."""
    streams = [stream for stream in (process.stdout, process.stderr) if stream]
    if process.returncode is not None and all(stream.at_eof() for stream in streams):
        return
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await process.wait()
    _signal(process, signal.SIGKILL)  # also what git started, and left behind
    for stream in streams:
        while await stream.read(1 << 16):
            pass
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _refusal(repo: str, words: Sequence[str], said: str) -> Refused:
    if "dubious ownership" in said:
        return Refused(
            f"{repo} belongs to another user, so git does not trust it",
            hint=f"git config --global --add safe.directory {shlex.quote(os.path.realpath(repo))}",
        )
    if "not a git repository" in said:
        return Refused(f"{repo} is no git repository", hint=f"git init {shlex.quote(repo)}")
    if found := re.search(r"Unable to create '(.*\.lock)': File exists", said):
        return Busy(
            f"another git is at work in {repo}: {found[1]} exists",
            hint="wait for it; if there is none, remove that file",
        )
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))] or said.splitlines()
    why = lines[0].partition(": ")[2] or lines[0] if lines else "it said nothing"
    return Refused(f"git {words[0]} failed in {repo}: {why}")
