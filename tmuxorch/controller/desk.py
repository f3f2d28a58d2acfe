"""Our session in tmux: attached while it is there, windows opened and known by key, people's view of it pushed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tmuxorch import environment
from tmuxorch.codex import execargs
from tmuxorch.controller.specs import Process
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.errors import Refused
from tmuxorch.host import records
from tmuxorch.tmux import server, status
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.model import WindowSpec
from tmuxorch.tmux.protocol import Notification, WindowClosed
from tmuxorch.tmux.windows import Windows

log = logging.getLogger(__name__)

SERVER_PANE = 25
"""Per cent of an agent's window that its server process gets, below the live view."""

Tell = Callable[[msg.Message], None]
Submit = Callable[[msg.Message], Awaitable[object]]


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
        self._keys: dict[str, str] = {}

    @property
    def attached(self) -> bool:
        """Whether tmux is there, and the state knows which windows it has."""
        return self._known and self._client is not None and not self._client.closed.is_set()

    async def attach(self, socket: str = "") -> bool:
        """Attaches to the project's session if there is one; tells which windows it has. True when attached.

        `socket` is the path of the tmux server that somebody knows the session to be on.
        """
        async with self._attaching:
            return self.attached or await self._attach(socket)

    async def _attach(self, socket: str) -> bool:
        if socket:
            self._address = server.Address(socket_path=socket)
        session = await asyncio.to_thread(server.find_session, self._address, str(self._project))
        if session is None:
            return False
        self._known = False
        client = await ControlClient.connect(session, self._noticed)
        self._client, self._windows = client, Windows(client)
        await self._submit(
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
        self._keys.clear()
        for row in await self._windows.list_windows():
            if row.key and row.panes:
                await self._saw(row.key, row.window_id, row.panes[-1].pane_id, row.panes[0].pane_id)
        self._known = True
        self._changed()
        return True

    async def close(self) -> None:
        """Detaches; session and windows stay."""
        if self._client:
            await self._client.close()

    async def end_session(self) -> None:
        """Ends our session with its windows, our own too; never the server or another session."""
        session = self._client and self._client.session
        await self.close()
        if session:
            await asyncio.to_thread(server.kill_session, session)

    # -- windows

    async def open_process(self, process: Process, known: m.Window | None, agent: bool) -> None:
        """Opens the window of a process, or starts it again in the lower pane of the window that it has."""
        host = [*records.command(), "run", str(process.directory)]
        if known and known.id in self._keys:
            await self._there.respawn(known.pane, host, cwd=Path(process.cwd), env=self.env)
        elif agent:
            await self._open_agent(process, host)
        else:
            await self._open(process.key, process.window, host, Path(process.cwd))

    async def open_again(self, process: Process, agent: bool) -> None:
        """Opens a window that only looks at a process, which lives on without one."""
        log_view = self.viewer(
            "log", process.directory / str(process.spec["stdout"]), str(process.spec["title"])
        )
        if agent:
            await self._open_agent(process, log_view)
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
        """Closes a window, which may be gone already."""
        await self._there.close(window.id)

    async def show(self, pane: str, argv: list[str], cwd: Path, more: Mapping[str, str]) -> None:
        """Runs another program in a view pane, in the agents' environment and `more`, with the pane's terminal."""
        launcher = [*records.command()[:-1], environment.__file__, *argv]
        await self._there.respawn(pane, launcher, cwd=cwd, env={**self.env, **more})

    async def shows_tui(self, pane: str) -> bool:
        """Whether Codex's own TUI was started in a view pane last."""
        return execargs.REMOTE in (await self._there.started(pane)).split()

    def viewer(self, kind: str, path: Path, title: str) -> list[str]:
        """The command that draws a growing file for people."""
        return [*records.command(), "view", kind, str(path), "--title", title]

    # -- people

    async def push_status(self, line: str) -> None:
        """Shows `line` in the status line, where people have asked for it."""
        if self._client and self.attached:
            await status.push_status(self._client, line)

    async def notify(self, line: str) -> None:
        """Rings the bell and shows `line` on the terminals that look at our session."""
        if self._client and self.attached:
            await status.notify(self._client, line)

    # -- inside

    @property
    def _there(self) -> Windows:
        if self._windows is None or not self.attached:
            raise Refused("tmux is gone", hint="tmuxorch up")
        return self._windows

    async def _open_agent(self, process: Process, below: list[str]) -> None:
        view = self.viewer("frames", process.output, process.window)
        spec = WindowSpec(
            key=process.key, name=process.window, argv=tuple(view), cwd=Path(process.cwd), env=self.env
        )
        window = await self._there.open(spec)
        self._keys[window.window_id] = process.key
        pane = await self._there.split(
            window.window_id, below, cwd=Path(process.cwd), env=self.env, percent=SERVER_PANE
        )
        await self._saw(process.key, window.window_id, pane, window.pane_id)

    async def _open(self, key: str, name: str, argv: list[str], cwd: Path) -> None:
        spec = WindowSpec(key=key, name=name, argv=tuple(argv), cwd=cwd, env=self.env)
        window = await self._there.open(spec)
        await self._saw(key, window.window_id, window.pane_id, window.pane_id)

    async def _saw(self, key: str, window_id: str, pane: str, view: str) -> None:
        self._keys[window_id] = key
        window = m.Window(id=window_id, pane=pane, view="" if view == pane else view)
        await self._submit(msg.SawWindow(key=key, window=window))

    def _noticed(self, event: Notification) -> None:
        match event:
            case WindowClosed(window_id=window_id) if window_id in self._keys:
                key = self._keys.pop(window_id)
                self.dismissed |= {key}
                self._tell(msg.SawWindow(key=key, window=None))
            case _:
                if self._client and self._client.closed.is_set():
                    log.warning("tmux is gone; agents go on without windows")
                    self._changed()
