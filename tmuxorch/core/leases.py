"""Many readers, one writer: who may write where, and who waits for whom.

Nobody is given a lease by an event of its own. Whoever writes holds all its paths from its start to its end, both of
which are in the journal, so that a lease can be neither lost nor forgotten, whatever is killed. All paths are had at
once or not at all, so nobody who holds some waits for more: no two wait for each other. Who asked first comes first:
one that waits holds up those after it that want some of the same, and nobody else, so none is passed for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from msgspec import Struct

from tmuxorch.core import model as m

WORKING = m.ItemWorking | m.ItemChecking | m.ItemCommitting | m.ItemDeciding
"""The place of an item in these is nobody else's to write in: a check, a commit and a human who decides about it are to
see its whole change, and nothing of another."""


class Claim(Struct, frozen=True, kw_only=True):
    """Somebody who writes below `paths`, or is to; `since` is when that was asked for."""

    holder: str
    paths: tuple[str, ...]
    since: float
    held: bool


def overlap(mine: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether a path of one is a path of the other, or above or below one."""
    return any(_within(one, other) or _within(other, one) for one in mine for other in others)


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def covers(lease: tuple[str, ...], path: str) -> bool:
    """Whether `path` is among what a lease allows to write."""
    return any(_within(path, place) for place in lease)


def claims(state: m.State) -> list[Claim]:
    """Everybody who writes or is to, in the order in which they asked."""
    return sorted((*_of_workers(state), *_of_items(state)), key=lambda claim: claim.since)


def _of_workers(state: m.State) -> Iterator[Claim]:
    for worker in state.workers.values():
        if worker.spec.lease and not isinstance(worker.life, m.Exited):
            held = m.is_live(worker.life)
            yield Claim(holder=worker.id, paths=worker.spec.lease, since=worker.queued, held=held)


def _of_items(state: m.State) -> Iterator[Claim]:
    """Of the run, and of runs that were given up as long as Codex works on what they began."""
    flying = {(turn.run, turn.item): turn for turn in state.turns.values() if turn.writes and turn.in_flight}
    for (name, item_id), turn in flying.items():
        if place := state.runs[name].places.get(turn.agent):
            yield Claim(holder=of_item(name, item_id), paths=(place.path,), since=0.0, held=True)
    run = state.active_run
    if run is None or run.plan is None:
        return
    for item in run.plan.items:
        place, progress = run.places.get(item.owner), run.items[item.id].progress
        if place is None or not isinstance(progress, WORKING) or (run.id, item.id) in flying:
            continue
        asked = _asked(state, progress)
        since, held = (0.0, True) if asked is None else (asked, False)
        yield Claim(holder=of_item(run.id, item.id), paths=(place.path,), since=since, held=held)


def _asked(state: m.State, progress: m.ItemProgress) -> float | None:
    """Since when an item waits for its first turn to begin; None when it has begun. A turn that mends what a check
    found is no new beginning, nor is one that is sent again.
    """
    turn = state.turns[progress.turn] if isinstance(progress, m.ItemWorking) else None
    if turn is None or turn.purpose is m.Purpose.FIX or turn.attempt > 1:
        return None
    return turn.state.at if isinstance(turn.state, m.TurnPending) else None


def wrote_since(worker: m.Worker, since: float) -> bool:
    """Whether a worker may have written after that: it is at work, or was when it ended or was put back."""
    return m.is_live(worker.life) or (worker.started > 0 and worker.life.at >= since)


def of_item(run: str, item: str) -> str:
    """What the claim of an item is called."""
    return f"item {item} of {run}"


def waits_for(all_claims: list[Claim], holder: str, most: int | None = None) -> tuple[str, ...]:
    """Whom `holder` has to wait for, of `claims`, the first of them first and at most so many; nobody when it holds its
    paths, or has no claim.
    """
    mine = next((claim for claim in all_claims if claim.holder == holder), None)
    if mine is None or mine.held:
        return ()
    return tuple(islice(_before(all_claims, mine), most))


def _before(all_claims: list[Claim], mine: Claim) -> Iterator[str]:
    before = True
    for claim in all_claims:
        if claim is mine:
            before = False
        elif (claim.held or before) and overlap(claim.paths, mine.paths):
            yield claim.holder


def waiting(all_claims: list[Claim]) -> frozenset[str]:
    """Everybody for whom `waits_for` names somebody, in one pass: there may be hundreds.

    That one of the others begins to write changes nothing of it: who waits for nobody holds up those after it already.
    """
    places = _Places()
    for claim in all_claims:
        if claim.held:
            places.add(claim.paths)
    found = set()
    for claim in all_claims:
        if not claim.held:
            if places.overlap(claim.paths):
                found.add(claim.holder)
            places.add(claim.paths)
    return frozenset(found)


class _Places:
    """Paths, and all that they are below."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._above: set[str] = set()

    def add(self, paths: Iterable[str]) -> None:
        for path in paths:
            line = _line(path)
            self._paths.add(line[0])
            self._above.update(line)

    def overlap(self, paths: Iterable[str]) -> bool:
        """As `overlap` of `paths` and any of those here."""
        lines = map(_line, paths)
        return any(line[0] in self._above or not self._paths.isdisjoint(line) for line in lines)


@lru_cache(4096)
def _line(path: str) -> tuple[str, ...]:
    """The path and all that it is below."""
    names = path.rstrip("/").split("/")
    return tuple("/".join(names[:end]) for end in range(len(names), 0, -1))
