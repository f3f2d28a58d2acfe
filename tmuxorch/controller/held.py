"""The windows of ours that tmux has, and what is in them: the desk's picture, without doing anything."""

from __future__ import annotations

from collections.abc import Iterable

from tmuxorch.core import model as m
from tmuxorch.tmux.model import PaneRow, WindowRow


class Held:
    """Every window of ours, by its id. Several can have one key; the one that was put in last counts."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[str, m.Window]] = {}
        self._closed: set[str] = set()

    def clear(self) -> None:
        """Forgets all; tmux may be another one, whose ids mean other windows."""
        self._windows.clear()
        self._closed.clear()

    def put(self, key: str, window: m.Window) -> bool:
        """Has this window; False if tmux has said meanwhile that it is closed."""
        if window.id in self._closed:
            return False
        self._windows.pop(window.id, None)
        self._windows[window.id] = key, window
        return True

    def close(self, window_id: str) -> str | None:
        """The key of a window that tmux has closed, None if it was none of ours."""
        self._closed.add(window_id)
        key, _ = self._windows.pop(window_id, (None, None))
        return key

    def of(self, key: str) -> m.Window | None:
        """The window of a key."""
        return next((window for of, window in reversed(self._windows.values()) if of == key), None)

    def keys_of(self, window_ids: Iterable[str]) -> frozenset[str]:
        """The keys of those windows, as far as they are ours."""
        return frozenset(self._windows[one][0] for one in window_ids if one in self._windows)

    def same(self, window: m.Window) -> list[str]:
        """The ids of all windows that have its key, its own among them."""
        key, _ = self._windows.get(window.id, (None, None))
        return [window.id, *(one for one, (of, _) in self._windows.items() if of == key and one != window.id)]


def lives(row: WindowRow) -> bool:
    """Whether a program runs in it, as far as tmux knows."""
    return not all(pane.dead for pane in row.panes)


def own_pane(row: WindowRow) -> PaneRow | None:
    """The pane of the process that a window is for; None if that was never started in it. What is not marked may be
    of an earlier version, or people's own.
    """
    marked = (pane for pane in row.panes if pane.mark and "." in pane.mark)
    return next(marked, row.panes[-1] if len(row.panes) > 1 else None)


def window(row: WindowRow) -> m.Window:
    """What the state knows of it."""
    view, own = row.panes[0].pane_id, own_pane(row)
    pane = own.pane_id if own else view
    return m.Window(id=row.window_id, pane=pane, view="" if view == pane else view)
