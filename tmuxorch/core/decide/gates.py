"""The cards of tmuxorch's own checkpoints, and how a run is given up."""

from __future__ import annotations

import hashlib

from msgspec import json

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import give_up
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD, dependents

RETRY = m.Choice("retry", "try it again")
INSTRUCT = m.Choice("instruct", "try it again with an instruction of yours")
SKIP = m.Choice("skip", "leave it out and go on")
ABORT = m.Choice("abort", "end the run; every repo stays as it is")
RECHECK = m.Choice("recheck", "leave the work as it is and run the checks again")
REPLAN = m.Choice("replan", "have the lead propose a change of the plan")
ACCEPT = m.Choice("accept", "let it pass, and go on to the checks")
ACCEPT_AND_RETRY = m.Choice("accept", "let pass what was done, and try the item again")

OF_A_RUN = (
    m.FromPlan
    | m.FromHumanItem
    | m.FromItem
    | m.FromRun
    | m.FromPlace
    | m.FromCommit
    | m.FromReplan
    | m.FromLead
)
"""Where checkpoints come from that end with their run."""


def digest(card: m.Card) -> str:
    """The fingerprint of a card: the same card has the same one, in every process."""
    return hashlib.sha256(json.encode(card)).hexdigest()[:16]


def open_gate(
    draft: Draft, source: str, item: str, origin: m.Origin, card: m.Card, blocks: tuple[str, ...] = ()
) -> str:
    """Opens a checkpoint of tmuxorch's own; returns its id. It blocks its item and what depends on that, else the
    run, unless said otherwise.
    """
    run = draft.state.active_run
    if blocks:
        pass
    elif item and run:
        blocks = held_up(run, source, item)
    elif run:
        blocks = (run.id,)
    checkpoint = draft.new_id("C")
    draft.emit(
        e.CheckpointOpened(
            id=checkpoint,
            source=source,
            item=item,
            origin=origin,
            card=card,
            digest=digest(card),
            blocks=blocks,
        )
    )
    return checkpoint


def held_up(run: m.Run, owner: str, item: str = "") -> tuple[str, ...]:
    """Items that cannot go on while `item` of that owner, or nothing of the owner's, can: those of a child that have
    not begun, because it does one at a time, and all that need any of them, in the order of the plan.
    """
    if run.plan is None:
        return (item,) if item else ()
    waiting, begun = {item}, run.begun
    if owner != LEAD:
        waiting |= {one.id for one in run.plan.items if one.owner == owner and one.id not in begun}
    waiting |= {*dependents(run.plan, *waiting)}
    return tuple(one.id for one in run.plan.items if one.id in waiting)


def with_dependents(run: m.Run, items: tuple[str, ...]) -> tuple[str, ...]:
    """These items and all that need any of them, in the order of the plan."""
    if run.plan is None or not items:
        return items
    waiting = {*items, *dependents(run.plan, *items)}
    return tuple(one.id for one in run.plan.items if one.id in waiting)


def failure_card(title: str, body: str, *choices: m.Choice) -> m.Card:
    """The card for something that failed and cannot go on by itself."""
    return m.Card(
        kind=m.CheckpointKind.FAILURE,
        title=title,
        body=body,
        do="Read what happened below and decide how it goes on.",
        expect="One of the choices"
        + ("; for instruct, the instruction as text." if INSTRUCT in choices else "."),
        choices=choices,
    )


def check_words(check: m.Check) -> str:
    """A failed check in words: the command, how it ended, the end of what it printed."""
    assert isinstance(check.life, m.Exited)
    if check.life.outcome is m.Outcome.FAILED:
        how = f"exit status {check.life.code} after {check.seconds:.1f} s"
    else:
        how = f"{check.life.reason or check.life.outcome} (it ran for {check.seconds:.1f} s)"
    return f"$ {check.command}   (in {check.child})\n{how}\n{check.tail}"


def abort(draft: Draft, run: m.Run, reason: str, by: str) -> None:
    """The run goes to its report as failed; what is active is interrupted, what is open lapses."""
    draft.emit(
        e.VerdictReached(run=run.id, outcome=m.RunOutcome.FAILED, reason=f"{reason} (aborted by {by})")
    )
    release(draft, run.id, by)
    for turn in draft.state.turns.values():
        if turn.run == run.id and turn.over is None:
            give_up(draft, turn, by)
    if run.phase is not m.Phase.REPORT:
        draft.emit(e.PhaseEntered(run=run.id, phase=m.Phase.REPORT))


def release(draft: Draft, run: str, by: str) -> None:
    """Open checkpoints of the run lapse; its checks are stopped; what it has begun is given up."""
    for checkpoint in draft.state.checkpoints.values():
        origin = checkpoint.origin
        if isinstance(origin, OF_A_RUN) and origin.run == run and checkpoint.is_open:
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=f"the run was ended by {by}"))
    for check in draft.state.checks.values():
        if check.run != run:
            continue
        if isinstance(check.life, m.Queued):
            draft.emit(e.JobExited(id=check.id, outcome=m.Outcome.CANCELLED, reason=f"stopped by {by}"))
        elif isinstance(check.life, m.Starting | m.Running):
            draft.emit(e.JobStopping(id=check.id, by=by))
    for item, known in draft.state.runs[run].items.items():
        if isinstance(known.progress, m.ItemWorking | m.ItemChecking | m.ItemCommitting | m.ItemDeciding):
            failed = m.ItemFailed(reason=f"the run was ended by {by}")
            draft.emit(e.ItemMoved(run=run, item=item, progress=failed))
