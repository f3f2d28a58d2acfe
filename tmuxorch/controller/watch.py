"""What a turn that may write has done, as git sees it: its place and the other repos, before it and after it.

What was there before is kept in a file, so that a controller that was killed meanwhile can still tell. The file of a
turn whose end nobody saw (its server died) serves the next one: what the lost turn did is then told with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct, field

from tmuxorch.controller import git
from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.leases import overlap, wrote_since
from tmuxorch.core.scope import in_scope
from tmuxorch.errors import Refused, StorageError, TmuxorchError
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import ProjectPaths, private_directory

log = logging.getLogger(__name__)

TOUCHED = 10_000
"""Paths of one turn that are told."""

STRAYS = 100
"""Paths of another repo that are told."""

DIFF = 8000
"""Characters of a diff on a card."""

UNSEEN = (m.TurnOutcome.LOST, m.TurnOutcome.CANCELLED)
"""How a turn ends without anybody having looked at what it did."""


class Before(Struct, frozen=True, kw_only=True):
    """How it was before a turn: since when, its place, and the places of others in which nobody of ours was writing."""

    at: float
    place: git.Snapshot
    others: dict[str, git.Snapshot] = field(default_factory=dict)


class Seen(Struct, frozen=True, kw_only=True):
    """What git saw after a turn; see model.Turn."""

    touched: tuple[str, ...] = ()
    strays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    moved: str = ""
    after: m.Git | None = None
    diff: str = ""


class Moved(Refused):
    """The place of a turn is not where it was left; `after` is where it is now."""

    def __init__(self, message: str, after: m.Git) -> None:
        super().__init__(message)
        self.after = after


class Watch:
    """Looks before and after each turn that may write. `clock` gives epoch seconds, as the events have them."""

    def __init__(
        self,
        engine: Engine,
        paths: ProjectPaths,
        settings: Callable[[], msg.Settings],
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._paths = paths
        self._settings = settings
        self._clock = clock

    # -- before

    async def begin(self, turn: m.Turn) -> None:
        """Looks before a turn is sent; what was seen before it was sent a first time stays.

        Raises Moved when its place is not where it was left, Refused and TimedOut when git will not look.
        """
        state = self._engine.state
        run = state.runs.get(turn.run)
        place = run.places.get(turn.agent) if run else None
        if run is None or place is None:
            return
        before = await asyncio.to_thread(self._inherit, state, turn)
        now = await git.snapshot(place.path, before.place if before else None)
        if moved := git.moved(place, now):
            raise Moved(moved, _where(now, ()))
        if before is None:
            at = self._clock()
            others = {
                child: await git.snapshot(path)
                for child, path in self._others(run, turn.agent)
                if not _was_busy(state, run, child, at)
            }
            before = Before(at=at, place=now, others=others)
            await asyncio.to_thread(self._keep, turn.id, before)

    def _others(self, run: m.Run, child: str) -> list[tuple[str, str]]:
        """The places of the run's other children. Where all work in worktrees, the repos themselves are the user's to
        work in meanwhile."""
        found = []
        for other in run.children:
            place = run.places.get(other)
            agent = self._engine.state.agents[other]
            if other != child and (place or self._settings().isolation != "worktree"):
                found.append((other, place.path if place else agent.path))
        return found

    def _inherit(self, state: m.State, turn: m.Turn) -> Before | None:
        """What was kept for the turn, or for one before it whose end nobody saw."""
        kept = self._paths.snapshot(turn.id)
        for file in self._paths.snapshots.glob("T*.json"):
            other = state.turns.get(file.stem)
            if other is None or other.agent != turn.agent or other.over is None:
                continue
            unseen = other.run == turn.run and other.over.outcome in UNSEEN
            if unseen and not kept.exists():
                file.rename(kept)
            else:
                file.unlink()
        return _load(kept)

    def _keep(self, turn_id: str, before: Before) -> None:
        file = self._paths.snapshot(turn_id)
        private_directory(file.parent)
        write_atomic(file, msgspec.json.encode(before))

    # -- after

    async def finished(self, message: msg.TurnFinished) -> msg.TurnFinished:
        """The message with what git saw of the turn that it ends."""
        turn = self._open_turn(message.agent)
        if turn is None or not isinstance(turn.state, m.TurnActive | m.TurnSent):
            return message
        if isinstance(turn.state, m.TurnActive) and turn.state.codex_turn != message.codex_turn:
            return message
        seen = await self._look(turn)
        return msgspec.structs.replace(message, **msgspec.structs.asdict(seen))

    async def loaded(self, message: msg.ThreadLoaded) -> msg.ThreadLoaded:
        """The message with what git saw of the turn that has ended while nobody was connected."""
        turn = self._open_turn(message.agent)
        ours = f"tmuxorch-{turn.id}-" if turn else ""
        if turn is None or not any(_is_over(one, ours) for one in message.turns):
            return message
        seen = await self._look(turn)
        turns = tuple(
            msgspec.structs.replace(one, **msgspec.structs.asdict(seen)) if _is_over(one, ours) else one
            for one in message.turns
        )
        return msgspec.structs.replace(message, turns=turns)

    def _open_turn(self, agent: str) -> m.Turn | None:
        """The agent's turn that may write and is not over."""
        for turn in reversed(self._engine.state.turns.values()):
            if turn.agent == agent and turn.writes and turn.over is None:
                return turn
        return None

    async def _look(self, turn: m.Turn) -> Seen:
        try:
            before = await asyncio.to_thread(_load, self._paths.snapshot(turn.id))
            if before is None:
                return Seen()
            return await self._compare(turn, before)
        except TmuxorchError as error:
            log.warning("%s: %s", turn.id, error)
            return Seen(moved=f"git cannot say what {turn.id} did: {error.message}")

    async def _compare(self, turn: m.Turn, before: Before) -> Seen:
        run = self._engine.state.runs[turn.run]
        place = run.places[turn.agent]
        now = await git.snapshot(place.path, before.place)
        touched = await git.compare(place.path, before.place, now)
        moved = git.moved(place, now)
        if len(touched) > TOUCHED:
            moved = moved or f"{len(touched)} files were changed: only the first {TOUCHED} are on record"
        strays = {}
        for child, path in self._others(run, turn.agent):
            if child in before.others:
                other = await git.snapshot(path, before.others[child])
                found = await git.compare(path, before.others[child], other)
                # Asked last: one of ours may have begun to write there while we looked.
                state = self._engine.state
                known = state.runs[run.id].places.get(child)
                ours = known is not None and known.head != before.others[child].head  # our commit
                if found and not ours and not _was_busy(state, state.runs[run.id], child, before.at):
                    strays[child] = found[:STRAYS]
        return Seen(
            touched=touched[:TOUCHED],
            strays=strays,
            moved=moved,
            after=_where(now, touched),
            diff=await self._diff(turn, touched, strays),
        )

    async def _diff(
        self, turn: m.Turn, touched: tuple[str, ...], strays: Mapping[str, tuple[str, ...]]
    ) -> str:
        """What was changed where the item does not allow it, for a card."""
        run = self._engine.state.runs[turn.run]
        item = run.plan.item(turn.item) if run.plan else None
        outside = tuple(path for path in touched if item and not in_scope(path, item.scope))
        where = {turn.agent: run.places[turn.agent].path, **dict(self._others(run, turn.agent))}
        parts = [
            f"In {child}:\n{(await git.diff(where[child], paths, DIFF)).rstrip()}"
            for child, paths in {turn.agent: outside, **strays}.items()
            if paths
        ]
        return text.clip("\n\n".join(parts), DIFF)


def _where(now: git.Snapshot, touched: tuple[str, ...]) -> m.Git:
    """Where a place is, and what still differs of `touched`."""
    differs = tuple(path for path in touched if path in now.files)
    return m.Git(
        branch=now.branch,
        head=now.head,
        changed=differs,
        missing=bool(now.missing),
        fingerprint=now.fingerprint,
    )


def _load(file: Path) -> Before | None:
    """What was kept there; None when nothing was, or nothing that can be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Before)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise StorageError(f"{file} cannot be read: {error}") from error


def _is_over(turn: msg.SeenTurn, ours: str) -> bool:
    return turn.mark.startswith(ours) and turn.outcome is not None


def _was_busy(state: m.State, run: m.Run, child: str, since: float) -> bool:
    """Whether anybody may have written in a child's place since then and be right to: a turn, a check, a worker, a
    commit, or a human who was asked about an item."""
    turns = [turn for turn in state.turns.values() if turn.agent == child and turn.writes]
    checks = [check.life for check in state.checks.values() if check.child == child]
    place = run.places.get(child)
    path = (place.path if place else state.agents[child].path,)
    workers = [one for one in state.workers.values() if overlap(one.spec.lease, path)]
    items = [run.items[item.id] for item in run.plan.items if item.owner == child] if run.plan else []
    return (
        child in run.committing
        or any(isinstance(item.progress, m.ItemCommitting | m.ItemDeciding) for item in items)
        or any(_has_begun(turn) and (turn.over is None or turn.over.at >= since) for turn in turns)
        or any(m.is_live(one) or (isinstance(one, m.Exited) and one.at >= since) for one in checks)
        or any(wrote_since(one, since) for one in workers)
    )


def _has_begun(turn: m.Turn) -> bool:
    """Whether it was ever given to Codex; it may be waiting to be given once more."""
    return not isinstance(turn.state, m.TurnPending) or turn.attempt > 1
