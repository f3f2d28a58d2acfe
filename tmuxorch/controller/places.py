"""Where a child's items are worked on in a run, made and committed to: the effects PreparePlace and CommitWork."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tmuxorch.controller import git
from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import PlanItem
from tmuxorch.errors import TmuxorchError
from tmuxorch.store.paths import ProjectPaths, private_directory

SUBJECT = 72
"""Characters of a commit's first line."""


def directory(state: m.State, turn: m.Turn) -> str:
    """Where a turn works: one that may write in its child's place, any other in the agent's own repo."""
    run = state.runs.get(turn.run)
    place = run.places.get(turn.agent) if run and turn.writes else None
    return place.path if place else state.agents[turn.agent].path


class Places:
    """What is done with the repos of children on behalf of a run."""

    def __init__(self, engine: Engine, paths: ProjectPaths, settings: Callable[[], msg.Settings]) -> None:
        self._engine = engine
        self._paths = paths
        self._settings = settings

    # -- a place

    async def prepare(self, run_id: str, child: str) -> None:
        """Finds or makes the place of a child, and tells what is there; why there is none, when git says so."""
        state = self._engine.state
        run, agent = state.runs[run_id], state.agents[child]
        wanted = self._settings().isolation == "worktree" or child in run.worktrees
        try:
            seen = await git.snapshot(agent.path)
            if seen.missing:
                raise TmuxorchError(seen.missing)
            if wanted:
                place = await self._worktree(state, run, agent, seen.head)
            else:
                dirty = tuple(sorted(seen.files))
                place = m.Place(
                    path=agent.path, branch=seen.branch, head=seen.head, dirty=dirty, settled=not dirty
                )
        except TmuxorchError as error:
            await self._engine.submit(msg.PlaceFailed(run=run_id, child=child, reason=_reason(error)))
            return
        await self._engine.submit(msg.PlaceFound(run=run_id, child=child, place=place))

    async def _worktree(self, state: m.State, run: m.Run, agent: m.Agent, base: str) -> m.Place:
        path = self._paths.worktree(run.id, agent.name)
        await asyncio.to_thread(private_directory, path.parent)
        branch = f"tmuxorch/{run.id}"
        if await self._is_shared(state, run, agent):
            branch += f"-{agent.name}"  # a branch can be checked out once only
        made = await git.add_worktree(agent.path, path, branch, base)
        lacks = ", ".join(made.lacks)
        note = f"Submodules that are not on this machine, and empty in the worktree: {lacks}" if lacks else ""
        return m.Place(path=str(path), branch=made.branch, head=made.head, worktree=True, note=note)

    async def _is_shared(self, state: m.State, run: m.Run, agent: m.Agent) -> bool:
        """Whether another child of the run is a worktree of the same repo."""
        mine = await git.locate(agent.path)
        for child in set(run.children) - {agent.name}:
            try:
                if (await git.locate(state.agents[child].path)).common == mine.common:
                    return True
            except TmuxorchError:
                continue
        return False

    # -- a commit

    async def commit(self, run_id: str, item_id: str, child: str) -> None:
        """Commits what an item changed, or without one what the proved items of the child did, and tells the commit.

        Why there is none is told when git says so.
        """
        run = self._engine.state.runs[run_id]
        place = run.places[child]
        items = [item for item in run.plan.items if _counts(run, item, item_id, child)] if run.plan else []
        changed = {path for item in items for path in run.items[item.id].changed}
        try:
            done = await git.commit(
                place.path,
                changed - set(place.dirty),
                text.clip(text.line(items[0].title if item_id and items else run.problem), SUBJECT),
                _body(run, items),
                f"{run_id}/{item_id}" if item_id else run_id,
                branch=place.branch,
                since=place.head,
                scratch=self._paths.state,
            )
        except TmuxorchError as error:
            failed = msg.CommitFailed(run=run_id, item=item_id, child=child, reason=_reason(error))
            await self._engine.submit(failed)
            return
        left = tuple(sorted({*done.left, *(changed & set(place.dirty))}))
        await self._engine.submit(
            msg.CommitMade(run=run_id, item=item_id, child=child, commit=done.hash, left=left, note=done.note)
        )


def _counts(run: m.Run, item: PlanItem, item_id: str, child: str) -> bool:
    """Whether what an item changed belongs to a commit: of that item, or else of the child's proved items."""
    if item_id:
        return item.id == item_id
    return item.owner == child and isinstance(run.items[item.id].progress, m.ItemDone)


def _body(run: m.Run, items: list[PlanItem]) -> str:
    """What was worked on, and what proved it."""
    lines = []
    for item in items:
        lines += [f"Item {item.id} of run {run.id} ({item.owner}): {text.line(item.title)}"]
        lines += [f"  proved by: {text.line(command)}" for command in item.verification]
    return "\n".join(lines)


def _reason(error: TmuxorchError) -> str:
    return f"{error.message} (type: {error.hint})" if error.hint else error.message
