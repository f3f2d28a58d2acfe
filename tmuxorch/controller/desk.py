"""Our session in tmux: attached while it is there, windows opened and known by key, people's view of it pushed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tmuxorch import environment
from tmuxorch.codex import execargs
from tmuxorch.controller import held
from tmuxorch.controller.people import People
from tmuxorch.controller.specs import Process
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import Refused, TimedOut
from tmuxorch.host import records
from tmuxorch.tmux import server
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.former import end_former
from tmuxorch.tmux.model import WindowRow, WindowSpec
from tmuxorch.tmux.protocol import Notification, WindowClosed
from tmuxorch.tmux.windows import Windows

log = logging.getLogger(__name__)

SERVER_PANE = 25
"""Per cent of an agent's window that its server process gets, below the live view."""

Tell = Callable[[msg.Message], None]
Submit = Callable[[msg.Message], Awaitable[m.State]]


class Desk:
    """The windows of the project. `changed` is called when tmux comes or goes."""

    def __init__(
        self,
        address: server.Address,
        project: Path,
        env: Mapping[str, str],
        tell: Tell,
        submit: Submit,
        changed: Callable[[], None],
    ) -> None:
        self._address = address
        self._project = project
        self.env = env
        """What programs in windows get."""
        self._tell = tell
        self._submit = submit
        self._known = False
        self.dismissed: frozenset[str] = frozenset()
        """Windows that somebody closed since the last `up`."""
        self._changed = changed
        self._attaching = asyncio.Lock()
        self._client: ControlClient | None = None
        self._windows: Windows | None = None
        self._held = held.Held()
        self.people = People(self._held)
        self._unsure = False
        """Whether tmux may have opened a window without saying so in time."""

    @property
    def attached(self) -> bool:
        """Whether tmux is there, and the state knows which windows it has."""
        return self._known and self._client is not None and not self._client.closed.is_set()

    async def attach(self, socket: str = "") -> bool:
        """Attaches to the project's session if there is one; tells which windows it has. True when attached.

        `socket` is the path of the tmux server that somebody knows the session to be on.
        """
        try:
            async with self._attaching:
                return self.attached or await self._attach(socket)
        finally:
            self.people.looked()

    async def _attach(self, socket: str) -> bool:
        if socket:
            self._address = server.Address(socket_path=socket)
        session = await asyncio.to_thread(server.find_session, self._address, str(self._project))
        if session is None:
            return False
        self._known = False
        self._held.clear()
        client = await ControlClient.connect(session, self._noticed)
        self._client, self._windows = client, Windows(client)
        # Before we look: what a killed controller has asked for may be done only now.
        await end_former(client)
        state = await self._submit(
            msg.SawTmux(
                server=m.TmuxServer(
                    pid=session.server_pid,
                    start=session.server_start,
                    session=session.session_id,
                    name=session.name,
                    socket=session.socket_path,
                )
            )
        )
        await self._look(self._windows)
        for key in state.windows:
            if self._held.of(key) is None:
                await self._submit(msg.SawWindow(key=key, window=None))
        self._known = True
        await self.people.arrive(client, self._windows)
        self._changed()
        return True

    async def close(self) -> None:
        """Detaches; session and windows stay, and say nothing any more that nobody would correct."""
        if self._client:
            await self.people.leave()
            await self._client.close()

    async def end_session(self) -> None:
        """Ends our session with its windows, our own too; never the server or another session."""
        session = self._client and self._client.session
        await self.close()
        if session:
            await asyncio.to_thread(server.kill_session, session)

    # -- windows

    async def open_process(self, process: Process, agent: bool) -> None:
        """Opens the window of a process, or starts it in the window that it has: an agent's below its live view.

        Nothing if its host is there already, be it only coming up: a second one would hang up on it.
        """
        host = [*records.command(), "run", str(process.directory)]
        cwd, mark = Path(process.cwd), _mark(process)
        row = await self._row(process.key)
        if row is None and agent:
            return await self._open_agent(process, host, mark)
        if row is None:
            await self._open(process.key, process.window, host, cwd, mark)
            return None
        window, pane = held.window(row), held.own_pane(row)
        await self._saw(process.key, window)
        if pane is None and agent:
            await self._split(process, window, host, mark)
        elif pane is None or pane.mark != mark or (pane.dead and not _has_begun(process.directory)):
            await self._there.respawn(window.pane, host, cwd=cwd, env=self.env, mark=mark)
        return None

    async def open_again(self, process: Process, agent: bool) -> None:
        """Opens a window that only looks at a process, which lives on without one."""
        log_view = self.viewer(
            "log", process.directory / str(process.spec["stdout"]), str(process.spec["title"])
        )
        if agent:
            await self._open_agent(process, log_view, f"{process.key}.log")
        else:
            view = self.viewer(str(process.spec["view"]), process.output, str(process.spec["title"]))
            await self._open(process.key, process.window, view, Path(process.cwd))

    async def open_live(self, key: str, name: str, frames: Path, cwd: Path) -> None:
        """Opens the window of an agent whose server is not ours: the live view alone."""
        await self._open(key, name, self.viewer("frames", frames, name), cwd)

    async def open_command(self, key: str) -> None:
        """Opens the window of one of our own commands: overview, checkpoints."""
        words = {"overview": ["overview"], "checkpoints": ["checkpoints", "--watch"]}[key]
        argv = [*environment.program("tmuxorch"), "-C", str(self._project), *words]
        await self._open(key, key, argv, self._project)

    async def open_log(self, key: str, path: Path, title: str) -> None:
        """Opens a window that shows a growing file."""
        await self._open(key, key, self.viewer("log", path, title), self._project)

    async def close_window(self, window: m.Window) -> None:
        """Closes a window, which may be gone already, and every other one with its key."""
        for one in self._held.same(window):
            await self._there.close(one)

    async def show(self, pane: str, argv: list[str], cwd: Path, more: Mapping[str, str]) -> None:
        """Runs another program in a view pane, in the agents' environment and `more`, with the pane's terminal."""
        launcher = [*records.command()[:-1], environment.__file__, *argv]
        await self._there.clear_history(pane)  # a view draws all of it again
        await self._there.respawn(pane, launcher, cwd=cwd, env={**self.env, **more})

    async def shows_tui(self, pane: str) -> bool:
        """Whether Codex's own TUI runs in a view pane."""
        return execargs.REMOTE in (await self._there.started(pane)).split()

    def viewer(self, kind: str, path: Path, title: str) -> list[str]:
        """The command that draws a growing file for people."""
        return [*records.command(), "view", kind, str(path), "--title", title]

    # -- people

    async def notify(self, line: str) -> None:
        """Calls people."""
        await self.people.call(line)

    # -- inside

    @property
    def _there(self) -> Windows:
        if self._windows is None or not self.attached:
            raise Refused("tmux is gone", hint="tmuxorch up")
        return self._windows

    async def _look(self, windows: Windows) -> None:
        """Takes up all windows of ours that tmux has, also those whose opening was interrupted.

        Of several with one key it is the newest that lives; of the others, those in which nothing lives are closed.
        """
        rows = sorted((row for row in await windows.list_windows() if row.key), key=held.lives)
        self._unsure = False
        counts = {row.key: row for row in rows}
        for row in rows:
            assert row.key
            if row is not counts[row.key] and not held.lives(row):
                await windows.close(row.window_id)
                continue
            if not row.finished:
                await windows.keep(row.window_id, row.key)
            await self._saw(row.key, held.window(row))

    async def _row(self, key: str) -> WindowRow | None:
        """The window of a key, as it is now."""
        if self._unsure:
            await self._look(self._there)
        known = self._held.of(key)
        return await self._there.find(known.id) if known else None

    async def _open_agent(self, process: Process, below: list[str], mark: str) -> None:
        view = self.viewer("frames", process.output, process.window)
        window = await self._open(process.key, process.window, view, Path(process.cwd))
        if not window.view:
            await self._split(process, window, below, mark)

    async def _split(self, process: Process, window: m.Window, below: list[str], mark: str) -> None:
        """Starts a program below the only pane of a window."""
        pane = await self._there.split(
            window.id, below, cwd=Path(process.cwd), env=self.env, percent=SERVER_PANE, mark=mark
        )
        await self._saw(process.key, m.Window(id=window.id, pane=pane, view=window.pane))

    async def _open(self, key: str, name: str, argv: list[str], cwd: Path, mark: str = "") -> m.Window:
        """Opens a window, unless tmux has done so already and not said so in time."""
        if self._unsure:
            await self._look(self._there)
            if known := self._held.of(key):
                return known
        spec = WindowSpec(key=key, name=name, argv=tuple(argv), cwd=cwd, mark=mark, env=self.env)
        try:
            opened = await self._there.open(spec)
        except TimedOut:
            self._unsure = True
            raise
        window = m.Window(id=opened.window_id, pane=opened.pane_id, view="")
        await self._saw(key, window)
        return window

    async def _saw(self, key: str, window: m.Window) -> None:
        if self._held.put(key, window):
            await self._submit(msg.SawWindow(key=key, window=window))

    def _noticed(self, event: Notification) -> None:
        match event:
            case WindowClosed(window_id=window_id):
                if key := self._held.close(window_id):
                    other = self._held.of(key)
                    if other is None:
                        self.dismissed |= {key}
                    self._tell(msg.SawWindow(key=key, window=other))
            case _:
                if self._client and self._client.closed.is_set():
                    log.warning("tmux is gone; agents go on without windows")
                    self.people.lost()
                    self._changed()


def _mark(process: Process) -> str:
    """What tells the host of a process from those of others in the same window: each has a directory of its own."""
    return f"{process.key}.{process.directory.name}"


def _has_begun(directory: Path) -> bool:
    """Whether a host has had its run there, or has it now."""
    return bool(
        records.read_start(directory) or records.read_exit(directory) or records.lease_held(directory)
    )
