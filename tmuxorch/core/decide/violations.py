"""What a turn did that its item does not allow, by git: outside of its scope, in other repos, off the branch."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide.places import listed
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import PlanItem
from tmuxorch.core.scope import in_scope


class Violation(Struct, frozen=True, kw_only=True):
    """What a human has to let pass before the work goes on. `strays` are paths of other repos, as `web: PATH`;
    `diff` shows what was done there."""

    outside: tuple[str, ...] = ()
    strays: tuple[str, ...] = ()
    moved: str = ""
    diff: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """All that was changed and should not have been."""
        return (*self.outside, *self.strays)

    def __bool__(self) -> bool:
        return bool(self.paths or self.moved)

    def words(self, item: PlanItem) -> str:
        """What a person is shown: exactly which paths, and where the repo is now."""
        parts = []
        if self.outside:
            scope = ", ".join(item.scope) or "nothing"
            parts += [f"Changed outside of its scope ({scope}):", *listed(self.outside)]
        if self.strays:
            parts += ["Changed in other repos, where nobody was at work:", *listed(self.strays)]
        if self.moved:
            parts += [self.moved]
        if self.diff:
            parts += ["", self.diff]
        return "\n".join(parts)


def restored(run: m.Run, item: PlanItem, turn: m.Turn) -> tuple[str, ...]:
    """Paths that earlier turns of the item changed and this one put back: they do not differ from the last commit.

    Not those that somebody had changed before, nor those that another item changed too: whose change is gone then?
    """
    place = run.places.get(item.owner)
    if turn.after is None or place is None:
        return ()
    others = {path for name, held in run.items.items() if name != item.id for path in held.changed}
    differing = {*turn.after.changed, *place.dirty, *others}
    mine = set(run.items[item.id].changed)
    return tuple(path for path in turn.touched if path in mine and path not in differing)


def found(item: PlanItem, turn: m.Turn, changed: Iterable[str], excused: Iterable[str]) -> Violation:
    """What nobody has let pass yet of what the turn did, and of all that is `changed` by the item's turns so far."""
    passed = set(excused)
    strays = (f"{child}: {path}" for child, paths in turn.strays.items() for path in paths)
    outside = tuple(path for path in changed if path not in passed and not in_scope(path, item.scope))
    away = tuple(path for path in strays if path not in passed)
    return Violation(
        outside=outside, strays=away, moved=turn.moved, diff=turn.diff if outside or away else ""
    )


def moved_on(draft: Draft, run: m.Run, turn: m.Turn) -> None:
    """The child's place is where the turn left it, from now on."""
    place, after = run.places.get(turn.agent), turn.after
    if turn.moved and place and after and not after.missing:
        there = replace(place, branch=after.branch, head=after.head)
        draft.emit(e.PlaceRecorded(run=run.id, child=turn.agent, place=there))
