"""One control-mode client: the hot path to tmux, pipelined, and its notifications."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

from tmuxorch.errors import TimedOut
from tmuxorch.tmux.binary import find_tmux
from tmuxorch.tmux.errors import TmuxGone, refusal
from tmuxorch.tmux.model import Session
from tmuxorch.tmux.protocol import Answer, Exited, Message, Notification, Parser, Reply, SessionChanged
from tmuxorch.tmux.quote import Then, Word, line

DEADLINE: Final = 10.0
"""Seconds that a command may take before TimedOut; tmux answers in microseconds unless it hangs."""

CHUNK: Final = 1 << 16

ROOM: Final = 1 << 20
"""Bytes that tmux may write into a client that nobody reads any more; Linux lets everybody have as many."""

FLAGS: Final = "no-output,ignore-size"

OnEvent = Callable[[Notification], None]


class _Batch:
    """Lines under way and what came back. A line of several commands has one answer each, up to the first error;
    they are merged into one reply.
    """

    def __init__(self, commands: Sequence[Sequence[Word]]) -> None:
        self.open = deque(1 + sum(isinstance(word, Then) for word in command) for command in commands)
        self.replies: list[Reply] = []
        self.done: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self._lines: list[str] = []

    def take(self, reply: Reply) -> bool:
        """Whether that was the last answer."""
        self._lines += reply.lines
        self.open[0] -= 1
        if reply.ok and self.open[0]:
            return False
        lines = tuple(self._lines) if reply.ok else reply.lines
        self.replies.append(Reply(ok=reply.ok, lines=lines))
        self._lines = []
        self.open.popleft()
        if self.open:
            return False
        if not self.done.done():
            self.done.set_result(self.replies)
        return True


class ControlClient:
    """A `tmux -C attach` on one session; made by `connect`.

    `closed` is set when the client has ended, for whatever reason; from then on, and for what is under way, commands
    raise TmuxGone. Events go to `on_event` in the order of tmux, between answers, `Exited` always as the last;
    `on_event` must neither block nor raise.
    """

    def __init__(
        self, session: Session, process: Process, said: asyncio.StreamReader, on_event: OnEvent
    ) -> None:
        self.session = session
        self.closed = asyncio.Event()
        self._process = process
        self._said = said
        self._on_event = on_event
        self._waiting: deque[_Batch] = deque()
        self._attached = asyncio.Event()
        self._reason = ""
        self._reader = asyncio.create_task(self._read(), name="tmux control client")

    @classmethod
    async def connect(
        cls, session: Session, on_event: OnEvent = lambda event: None, *, deadline: float = DEADLINE
    ) -> ControlClient:
        """A client attached to exactly that session of that server; TmuxGone if it is not there any more."""
        process, said = await _start(session)
        client = cls(session, process, said, on_event)
        try:
            await client._verify(deadline)
        except BaseException:
            await client.close()
            raise
        return client

    @property
    def pid(self) -> int:
        """The client's process."""
        return self._process.pid

    async def cmd(self, *words: Word, deadline: float = DEADLINE) -> list[str]:
        """The lines that one command prints. TmuxCommandError with tmux's reason (TmuxTargetMissing if the target
        does not exist), TmuxGone, TimedOut after `deadline` seconds.
        """
        reply = (await self.batch([words], deadline=deadline))[0]
        if not reply.ok:
            raise refusal(str(words[0]), " ".join(reply.lines))
        return list(reply.lines)

    async def batch(self, commands: Iterable[Sequence[Word]], *, deadline: float = DEADLINE) -> list[Reply]:
        """The reply to each command, in order; all are sent at once and a refused one does not stop the others.

        TimedOut if not all are answered within `deadline` seconds: what tmux does with the rest is then unknown.
        """
        lines = list(commands)
        if self.closed.is_set():
            raise self._gone()
        if not lines:
            return []
        batch = _Batch(lines)
        self._waiting.append(batch)
        assert self._process.stdin is not None
        self._process.stdin.write(b"".join(map(line, lines)))
        try:
            async with asyncio.timeout(deadline):
                # A broken pipe shows as the end of output too, and that fails the batch.
                with suppress(ConnectionError):
                    await self._process.stdin.drain()
                return await batch.done
        except TimeoutError:
            raise TimedOut(f"tmux did not answer {lines[0][0]} within {deadline:g} s") from None

    async def close(self) -> None:
        """Detaches and waits until the client's process is gone. The session lives on."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(2):
                await self.closed.wait()
        except TimeoutError:
            self._kill()
        await self._reader

    async def _verify(self, deadline: float) -> None:
        """Waits until the client is attached, and refuses a server or session that only has the same number."""
        try:
            async with asyncio.timeout(deadline):
                await self._attached.wait()
        except TimeoutError:
            raise TimedOut(f"tmux did not attach within {deadline:g} s") from None
        if self.closed.is_set():
            raise self._gone()
        answer = await self.cmd("display-message", "-p", "#{pid} #{start_time}")
        if answer != [f"{self.session.server_pid} {self.session.server_start}"]:
            raise self._gone()

    async def _read(self) -> None:
        parser = Parser()
        try:
            while data := await self._said.read(CHUNK):
                for message in parser.feed(data):
                    self._take(message)
        finally:
            self._end()
            self._kill()
            await self._process.wait()
            self._on_event(Exited(reason=self._reason))

    def _kill(self) -> None:
        # Not Process.kill: it may reap the process before asyncio does, which then warns.
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def _take(self, message: Message) -> None:
        match message:
            case Answer(solicited=True, reply=reply):
                if self._waiting and self._waiting[0].take(reply):
                    self._waiting.popleft()
            case Answer(reply=reply):
                # The attaching itself, or a hook of the user's.
                if not reply.ok and not self._attached.is_set():
                    self._reason = " ".join(reply.lines)
            case Exited(reason=reason):
                self._reason = reason or self._reason
            case SessionChanged():
                self._attached.set()
                self._on_event(message)
            case _:
                self._on_event(message)

    def _end(self) -> None:
        self.closed.set()
        self._attached.set()
        for batch in self._waiting:
            if not batch.done.done():
                batch.done.set_exception(self._gone())
        self._waiting.clear()

    def _gone(self) -> TmuxGone:
        because = f": {self._reason}" if self._reason else ""
        return TmuxGone(f"the tmux session {self.session.name} has ended{because}", hint="tmuxorch up")


async def _start(session: Session) -> tuple[Process, asyncio.StreamReader]:
    """The client's process, and what it says.

    It holds the end of the pipe that we read, too: if we are killed, what tmux still has to say must not fail to be
    written, or tmux keeps the client for ever, and is kept alive by it even against kill-server.
    """
    reading, writing = os.pipe()
    said = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(said)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: protocol, os.fdopen(reading, "rb", buffering=0)
    )
    try:
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, ROOM)
        # -E: attaching must not renew the session's environment from ours.
        process = await asyncio.create_subprocess_exec(
            *(find_tmux(), "-S", session.socket_path, "-u", "-C"),
            *("attach-session", "-E", "-f", FLAGS, "-t", session.session_id),
            stdin=PIPE,
            stdout=writing,
            stderr=DEVNULL,
            start_new_session=True,
            pass_fds=(reading,),
            env={**os.environ, "TERM": session.client_term},
        )
    finally:
        os.close(writing)
    return process, said
