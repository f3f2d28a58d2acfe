"""Windows and panes of our session, by id, over the control client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tmuxorch.tmux import words
from tmuxorch.tmux.control import ControlClient
from tmuxorch.tmux.errors import TmuxTargetMissing
from tmuxorch.tmux.model import Window, WindowRow, WindowSpec
from tmuxorch.tmux.quote import label


class Windows:
    """What can be done with windows. Every call returns when tmux has done it, and raises as `ControlClient.cmd`.

    Many calls at once (asyncio.gather) share the round trips. `argv`, `cwd`, `env` and `mark` are as in WindowSpec.
    """

    def __init__(self, client: ControlClient) -> None:
        self._client = client
        self._session_id = client.session.session_id

    async def open(self, spec: WindowSpec) -> Window:
        """Opens a window at the end of the session; it stays when its program has ended."""
        window = words.opened(await self._client.cmd(*words.open_window(self._session_id, spec)))
        await self._client.cmd(*words.finish_window(window.window_id, spec))
        return window

    async def keep(self, window_id: str, key: str) -> None:
        """Makes a window ours whose opening was interrupted and which may be gone already; its name stays as it is."""
        with suppress(TmuxTargetMissing):
            await self._client.cmd(*words.keep_window(window_id, key))

    async def list_windows(self) -> list[WindowRow]:
        """All windows of the session with their panes, in the order of the window list."""
        return words.rows(await self._client.cmd(*words.list_windows(self._session_id)))

    async def find(self, window_id: str) -> WindowRow | None:
        """One window with its panes; None if it is gone."""
        try:
            (row,) = words.rows(await self._client.cmd(*words.list_panes(window_id)))
        except TmuxTargetMissing:
            return None
        return row

    async def split(
        self,
        window_id: str,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        mark: str | None = None,
        percent: int = 50,
        above: bool = False,
    ) -> str:
        """Opens a pane of `percent` of the height below (or above) the active pane of the window; its id."""
        place = ["-v", *(["-b"] if above else []), "-l", f"{percent}%", "-t", window_id]
        print_id = ["-P", "-F", "#{pane_id}"]
        program = words.program(argv, cwd, env, mark)
        (pane_id,) = await self._client.cmd("split-window", "-d", *place, *print_id, *program)
        return pane_id

    async def respawn(
        self,
        pane_id: str,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        mark: str | None = None,
    ) -> None:
        """Starts another program in the pane. What runs there gets SIGHUP; the screen is lost, the history is not."""
        await self._client.cmd("respawn-pane", "-k", "-t", pane_id, *words.program(argv, cwd, env, mark))

    async def started(self, pane_id: str) -> str:
        """The command line that runs in the pane, as tmux tells it; empty when it has ended."""
        asked = "#{?pane_dead,,#{pane_start_command}}"
        (line,) = await self._client.cmd("display-message", "-p", "-t", pane_id, asked)
        return line

    async def close(self, window_id: str) -> None:
        """Closes the window, which may be gone already. The session ends with its last window."""
        with suppress(TmuxTargetMissing):
            await self._client.cmd("kill-window", "-t", window_id)

    async def clear_history(self, pane_id: str) -> None:
        """Forgets what has left the pane's screen."""
        await self._client.cmd("clear-history", "-t", pane_id)

    async def rename(self, window_id: str, name: str) -> None:
        """Gives the window the name `label(name)`."""
        await self._client.cmd("rename-window", "-t", window_id, "--", label(name))

    async def select(self, window_id: str) -> None:
        """Makes the window the one that the session shows."""
        await self._client.cmd("select-window", "-t", f"{self._session_id}:{window_id}")
