"""A controller is killed while tmux has to answer it: its client ends, and nobody else's does."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import termios
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import msgspec

from tests.tmux.specs import sleeper
from tests.tmuxfixture import commands, run_tmux
from tests.waiting import until
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.control import ROOM, ControlClient
from tmuxorch.tmux.former import end_former
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.server import Address, ensure_session

CONTROLLER = """
import asyncio, msgspec, os, signal, sys
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import Session

async def main():
    client = await ControlClient.connect(msgspec.json.decode(sys.argv[1], type=Session))
    print(client.pid, flush=True)
    sys.stdin.readline()
    asking = asyncio.create_task(client.batch([["show-buffer"]] * int(sys.argv[2])))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
"""Asks for a buffer, many times at once, as soon as it is told to, and is killed when tmux has all its questions."""


FITS = (1, ROOM // 200 if hasattr(fcntl, "F_SETPIPE_SZ") else 300)
"""Bytes of an answer, of a hundred of which the pipe has room for all."""


def tmux(session: Session, *words: str) -> str:
    return run_tmux("-S", session.socket_path, *words)


def clients(session: Session) -> set[int]:
    """The processes of all clients."""
    return {int(pid) for pid in tmux(session, "list-clients", "-F", "#{client_pid}").split()}


def killed(session: Session, directory: Path, *, answer: int, times: int = 100) -> int:
    """A controller is killed before tmux writes `times` answers of so many bytes; the pid of its client."""
    (directory / "buffer").write_text("x" * answer)
    tmux(session, "load-buffer", str(directory / "buffer"))
    argv = [sys.executable, "-c", CONTROLLER, msgspec.json.encode(session).decode(), str(times)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as controller:
        assert controller.stdin is not None
        assert controller.stdout is not None
        pid = int(controller.stdout.readline())
        os.kill(session.server_pid, signal.SIGSTOP)
        try:
            controller.stdin.write(b"\n")
            controller.stdin.flush()
            controller.wait()
        finally:
            os.kill(session.server_pid, signal.SIGCONT)
    return pid


def is_full(pid: int) -> bool:
    """Whether the pipe that a client writes to has no room for one more of fifty answers that would fill it."""
    if sys.platform != "linux":
        return True
    with open(f"/proc/{pid}/fd/1", "rb") as pipe:
        waits = int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)
    return waits > ROOM - ROOM // 50


def test_it_ends_by_itself_and_does_not_keep_the_server(session: Session, tmp_path: Path) -> None:
    pids = {killed(session, tmp_path, answer=size) for size in FITS}
    tmux(session, "kill-server")
    until(lambda: not {*pids, session.server_pid} & set(commands()), what="the end of clients and server")


async def test_one_that_tmux_keeps_is_ended(session: Session, client: ControlClient, tmp_path: Path) -> None:
    kept = killed(session, tmp_path, answer=ROOM // 50)
    until(lambda: is_full(kept), what="what its pipe has room for of the answers")
    tmux(session, "detach-client", "-t", f"client-{kept}")
    assert clients(session) == {client.pid, kept}, "there is no other way than to end the process"
    await end_former(client)
    assert clients(session) == {client.pid}
    assert await client.cmd("display-message", "-p", "still here") == ["still here"]
    until(lambda: kept not in commands())


async def test_clients_of_others_are_left_alone(
    private_tmux: Address, session: Session, client: ControlClient, tmp_path: Path
) -> None:
    other = await ControlClient.connect(
        ensure_session(private_tmux, "other", "other", sleeper("w", tmp_path))
    )
    argv = [find_tmux(), "-S", session.socket_path, "-C", "attach-session", "-t", session.session_id]
    theirs = await asyncio.create_subprocess_exec(*argv, stdin=PIPE, stdout=DEVNULL)
    everybody = {client.pid, other.pid, theirs.pid}
    until(lambda: clients(session) == everybody)
    await end_former(client)
    assert clients(session) == everybody
    await other.close()
    theirs.terminate()
    await theirs.wait()
