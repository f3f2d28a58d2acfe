"""The plan as a tree in text: what an item waits for stands above it.

A plan is no tree: an item with several dependencies stands below the last of them, and names the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.glyphs import Glyphs

DEEPEST = 5
"""Levels that are drawn; what is below them stands at the last, and names what it waits for."""

SETTLED = ("done", "skipped")


class Branch(NamedTuple):
    """An item in its place: what is drawn before it, the dependencies that the place does not show, and how many items
    wait for it, be it through others.
    """

    prefix: str
    item: Json
    after: tuple[str, ...]
    holds: int


def branches(items: Sequence[Json], glyphs: Glyphs) -> list[Branch]:
    """All items, each exactly once; also of a plan that goes in circles."""
    tree = _Tree(items)
    found: list[Branch] = []
    waiting: list[tuple[str, tuple[bool, ...]]] = [(name, ()) for name in reversed(tree.roots)]
    while waiting:
        name, above = waiting.pop()
        found.append(tree.branch(name, _prefix(above, glyphs), deep=len(above) > DEEPEST))
        below = tree.below[name]
        waiting += [(one, (*above, one == below[-1])) for one in reversed(below)]
    return found


def _prefix(lasts: tuple[bool, ...], glyphs: Glyphs) -> str:
    """The lines of the tree before an item, by whether it and those above it are the last of theirs."""
    if not lasts:
        return ""
    *above, own = lasts[-DEEPEST:]
    lines = ["  " if last else f"{glyphs['bar']} " for last in above]
    return "".join(lines) + f"{glyphs['last' if own else 'branch']} "


class _Tree:
    def __init__(self, items: Sequence[Json]) -> None:
        self._items = {item["item"]: item for item in items}
        self._needs = {name: self._known(item) for name, item in self._items.items()}
        self._order = self._sorted()
        depth: dict[str, int] = {}
        for name in self._order:
            depth[name] = 1 + max((depth.get(one, 0) for one in self._needs[name]), default=0)
        place = {name: (depth[name], at) for at, name in enumerate(self._items)}
        self._under: dict[str, str] = {}
        self.below: dict[str, list[str]] = {name: [] for name in self._items}
        for name in self._items:
            above = [
                one for one in self._needs[name] if place[one] < place[name] and depth[one] < depth[name]
            ]
            if above:
                self._under[name] = max(above, key=place.__getitem__)
                self.below[self._under[name]].append(name)
        self.roots = [name for name in self._items if name not in self._under]
        self._holds = self._held()

    def branch(self, name: str, prefix: str, deep: bool) -> Branch:
        """An item in its place; what is too `deep` names all that it waits for."""
        item = self._items[name]
        shown = None if deep else self._under.get(name)
        others = tuple(one for one in item.get("depends") or () if one != shown)
        return Branch(prefix, item, others, self._holds[name])

    def _known(self, item: Json) -> list[str]:
        return [one for one in item.get("depends") or () if one in self._items and one != item["item"]]

    def _sorted(self) -> list[str]:
        """Names, each after those that it waits for as far as that is possible."""
        found: dict[str, None] = {}
        left = list(self._items)
        while left:
            ready = [name for name in left if all(one in found for one in self._needs[name])] or left[:1]
            found.update(dict.fromkeys(ready))
            left = [name for name in left if name not in found]
        return list(found)

    def _held(self) -> dict[str, int]:
        """How many unsettled items wait for each that is unsettled itself."""
        waits: dict[str, set[str]] = {name: set() for name in self._items}
        for name in reversed(self._order):
            if self._items[name]["status"] not in SETTLED:
                for one in self._needs[name]:
                    waits[one] |= {name, *waits[name]}
        return {
            name: 0 if self._items[name]["status"] in SETTLED else len(who - {name})
            for name, who in waits.items()
        }
