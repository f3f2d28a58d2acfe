"""plan.md: written from the plan in force, and read back when somebody edits it.

An edit takes effect when it is a valid plan; a broken one stays in the file untouched, is told, and the last good plan
stays in force. Nothing is ever written over an edit that was not read.
"""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

from msgspec.structs import replace

from tmuxorch.controller.desk import Desk
from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.answers import context
from tmuxorch.core.plan import Plan, normal
from tmuxorch.core.plan_changes import difference, merged
from tmuxorch.errors import ChangedMeanwhile, PlanError, Refused, StorageError, TmuxorchError
from tmuxorch.ledger import plan_md
from tmuxorch.store.atomic import ABSENT, PROJECT, digest, write_atomic
from tmuxorch.store.paths import ProjectPaths

log = logging.getLogger(__name__)

OPEN_CHECKPOINT = re.compile(r"C[0-9]+ \(open\): ")
"""How the lines begin that are added to Human Checkpoints while something waits; they are no part of the plan."""

TOO_LATE = m.Phase.VERIFY, m.Phase.REPORT, m.Phase.ENDED


class PlanFile:
    """The file. One call at a time."""

    def __init__(self, engine: Engine, desk: Desk, paths: ProjectPaths) -> None:
        self._engine = engine
        self._desk = desk
        self._path = paths.plan
        self._own = _Own(paths.state / "plan.digests")
        self._shows: tuple[str, Plan, str] | None = None
        """Run, plan and text of the last writing: while they are the same there is nothing to make anew."""
        self.problem = ""
        """Why plan.md, as it is in the file, is not in force; empty when it is."""

    async def read(self) -> None:
        """Takes an edit, if there is one. Raises StorageError."""
        await self._take_edit(read_text(self._path))

    async def write(self, state: m.State) -> bool:
        """Makes the file what the state says, unless an edit is in it that is not in force. False when somebody changed
        it in between."""
        run = state.run
        if run is None:
            return True
        found = read_text(self._path)
        if not await self._take_edit(found):
            return True
        state = self._engine.state
        run = state.runs[run.id]
        shown = shown_plan(state, run)
        if (run.id, shown, found) == self._shows:
            return True
        text = plan_md.render(shown, found or "")
        if not await self._put(run, text, found):
            return False
        self._shows = run.id, shown, text
        return True

    async def edit(self, before: str, after: str) -> list[str]:
        """Puts what somebody made of the file's text `before` in force and into the file; returns what is another in
        the plan. What has changed in the plan since they took it up stays as it is, where they did not change it too.

        Raises PlanError for what is no valid plan, Refused where a run has no plan that can be edited, ChangedMeanwhile
        when what is in the file is neither ours nor `before`: then nothing has changed.
        """
        edited, run = _own_part(plan_md.parse(after)), self._engine.state.run
        if run is None or not run.active:
            return await self._leave(before, after)
        if run.plan is None or run.phase in TOO_LATE:
            when = "has no plan yet" if run.plan is None else f"is in its phase {run.phase}: its work is over"
            raise Refused(f"{run.id} {when}", hint="tmuxorch status")
        found = read_text(self._path)
        if not await self._take_edit(found) and found != before:
            raise ChangedMeanwhile(f"{self._path} was edited meanwhile, and is not valid: {self.problem}")
        old = self._engine.state.runs[run.id].plan
        assert old is not None
        await self._engine.submit(msg.PlanRead(plan=merged(self._base(before, old), edited, old)))
        self.problem = ""
        state = self._engine.state
        run = state.runs[run.id]
        if not await self._put(run, plan_md.render(shown_plan(state, run), after), found):
            log.warning("plan.md was changed in the moment in which an edit of it was put in force")
        return difference(old, run.plan) if run.plan else []

    async def _leave(self, before: str, after: str) -> list[str]:
        """No run has a plan: the file is theirs."""
        found = read_text(self._path)
        if found != before or not await write_over(self._path, after, found):
            raise ChangedMeanwhile(f"{self._path} was edited meanwhile")
        try:
            return difference(plan_md.parse(before), plan_md.parse(after))
        except PlanError:
            return []

    def _base(self, before: str, in_force: Plan) -> Plan:
        """The plan that they took up: with an edit that is not valid, the one in force."""
        try:
            return _own_part(plan_md.parse(before))
        except PlanError:
            return in_force

    async def _put(self, run: m.Run, text: str, found: str | None) -> bool:
        self._own.add(text)
        written = await write_over(self._path, text, found)
        if written:
            self._own.only(text, run.id)
        return written

    async def _take_edit(self, found: str | None) -> bool:
        """Whether the file may be written: what is in it is ours, was taken, or is from before the run."""
        run = self._engine.state.run
        if found is None or found in self._own or run is None or (run.active and run.plan is None):
            return True
        if run.phase in TOO_LATE:
            return False  # it is theirs until the next run
        if run.id != self._own.run:
            self.problem = ""
            return True  # nothing was written for this run yet: what is there was made of the plan of an earlier one
        try:
            await self._engine.submit(msg.PlanRead(plan=_own_part(plan_md.parse(found))))
        except TmuxorchError as error:
            if self.problem != error.message:
                log.warning("plan.md is not in force: %s", error)
                await self._desk.notify(f"plan.md is not in force: {error.message.splitlines()[0]}")
            self.problem = error.message
            return False
        self.problem = ""
        self._own.only(found, run.id)
        return True


def _own_part(edited: Plan) -> Plan:
    """The plan that is in the file, without the lines that tell what waits."""
    own = tuple(line for line in edited.human_checkpoints if not OPEN_CHECKPOINT.match(line))
    return replace(edited, human_checkpoints=own)


class _Own:
    """What is ours of what may be in plan.md: the text that was written or taken last, and the one that is being
    written. Anything else there is somebody's edit, an older text of ours too.

    Noted before it is written, so that a crash in between makes no edit of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.run, *self._digests = (read_text(path) or "-").split()
        """The run of the text that was written or taken last."""

    def __contains__(self, text: str) -> bool:
        return digest(text.encode()) in self._digests

    def add(self, text: str) -> None:
        """Notes `text` as ours too. Raises StorageError when the disk refuses."""
        if text not in self:
            self._note(self.run, [*self._digests, digest(text.encode())])

    def only(self, text: str, run: str) -> None:
        """Notes `text` as what is in the file, for that run. Raises StorageError when the disk refuses."""
        if (self.run, self._digests) != (run, [new := digest(text.encode())]):
            self._note(run, [new])

    def _note(self, run: str, digests: list[str]) -> None:
        write_atomic(self._path, " ".join([run, *digests]).encode())
        self.run, self._digests = run, digests


def shown_plan(state: m.State, run: m.Run) -> Plan:
    """The run's plan with the statuses of its items; before there is one, what is known already."""
    if run.plan is None:
        rows = tuple(context(name, run, state.agents) for name in run.children)
        return normal(Plan(objective=run.problem, children=rows))
    items = tuple(replace(item, status=m.item_status(state, run, item.id)) for item in run.plan.items)
    contracts = tuple(replace(one, status=m.contract_status(run, one.name)) for one in run.plan.contracts)
    waiting = tuple(
        f"{one.id} (open): {one.card.title}. Do: {one.card.do} Expected: {one.card.expect} "
        f"Blocked until then: {', '.join(one.blocks) or 'nothing'}."
        for one in state.checkpoints.values()
        if one.is_open and one.card.kind is not m.CheckpointKind.PLAN
    )
    return normal(
        replace(
            run.plan,
            items=items,
            contracts=contracts,
            human_checkpoints=(*run.plan.human_checkpoints, *waiting),
        )
    )


async def write_over(path: Path, text: str, found: str | None) -> bool:
    """Whether the file has that text now; it has not when somebody changed it since `found` was read of it."""
    if found == text:
        return True
    try:
        expect = ABSENT if found is None else digest(found.encode())
        await asyncio.to_thread(write_atomic, path, text.encode(), PROJECT, expect)
    except ChangedMeanwhile:
        return False
    return True


def read_text(path: Path) -> str | None:
    """What is in the file, None when there is none. Raises StorageError when it cannot be read."""
    try:
        return path.read_bytes().decode()  # its line ends as they are
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read: {error}") from error
