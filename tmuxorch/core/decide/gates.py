"""What the answers to tmuxorch's own checkpoints do, and the cards that ask for them."""

from __future__ import annotations

import hashlib
from typing import assert_never

from msgspec import json

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import give_up
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD, PlanItem, dependents
from tmuxorch.errors import UsageError

RETRY = m.Choice("retry", "try it again")
INSTRUCT = m.Choice("instruct", "try it again with an instruction of yours")
SKIP = m.Choice("skip", "leave it out and go on")
ABORT = m.Choice("abort", "end the run; every repo stays as it is")


def digest(card: m.Card) -> str:
    """The fingerprint of a card: the same card has the same one, in every process."""
    return hashlib.sha256(json.encode(card)).hexdigest()[:16]


def open_gate(draft: Draft, source: str, item: str, origin: m.Origin, card: m.Card) -> str:
    """Opens a checkpoint of tmuxorch's own; returns its id."""
    blocks: tuple[str, ...] = ()
    run = draft.state.active_run
    if item and run and run.plan:
        blocks = (item, *dependents(run.plan, item))
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


def human_card(item: PlanItem) -> m.Card:
    """The card of a human task of the plan."""
    assert item.human is not None
    return m.Card(
        kind=m.CheckpointKind.HUMAN,
        title=item.title,
        body=item.instructions,
        do=item.human.do,
        expect=item.human.expect,
        fields=(m.Field(id="answer", label=item.human.expect),),
    )


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


def plan_card(run: m.Run) -> m.Card:
    """The card of the gate between a plan and its execution."""
    assert run.plan is not None
    rows = [
        f"{item.id}  {item.owner}  {item.title}"
        + (f"  (after {', '.join(item.depends)})" if item.depends else "")
        for item in run.plan.items
    ]
    return m.Card(
        kind=m.CheckpointKind.PLAN,
        title=f"the plan of {run.id}: {len(rows)} items",
        body="\n".join([run.plan.objective, "", *rows]),
        do="Read plan.md. Edit it where it is wrong; what it says when you accept is what is executed.",
        expect="accept, or revise with the change you wish as text, or decline to end the run.",
        choices=(
            m.Choice("accept", "execute the plan as plan.md has it"),
            m.Choice("revise", "have the lead plan again, with your words"),
            m.Choice("decline", "end the run; nothing is changed"),
        ),
    )


def check_words(check: m.Check) -> str:
    """A failed check in words: the command, how it ended, the end of what it printed."""
    assert isinstance(check.life, m.Exited)
    how = (
        f"exit status {check.life.code}"
        if check.life.code >= 0
        else f"{check.life.outcome}: {check.life.reason}"
    )
    return f"$ {check.command}   (in {check.child})\n{how} after {check.seconds:.1f} s\n{check.tail}"


def take(draft: Draft, checkpoint: m.Checkpoint) -> None:
    """The recorded answer takes its effect, unless it has to go to Codex first."""
    assert isinstance(checkpoint.state, m.Answered)
    origin, answer, by = checkpoint.origin, checkpoint.state.answer, checkpoint.state.by
    match origin:
        case m.FromServer():
            return
        case m.FromPlan(run=run):
            _plan_gate(draft, draft.state.runs[run], answer, by)
        case m.FromHumanItem(run=run, item=item):
            _human(draft, draft.state.runs[run], item, answer)
        case m.FromItem(run=run, item=item):
            _item(draft, draft.state.runs[run], item, answer, by)
        case m.FromRun(run=run):
            _run(draft, draft.state.runs[run], answer, by)
        case m.FromAgent(agent=agent):
            wanted = answer.choice == RETRY.key
            draft.emit(e.AgentWanted(name=agent, wanted=wanted, by=by))
            run_now = draft.state.active_run
            if not wanted and run_now:
                abort(draft, run_now, f"{agent} cannot be kept up", by)
        case m.FromWorker():
            pass
        case _:
            assert_never(origin)
    draft.emit(e.CheckpointClosed(id=checkpoint.id))


def _plan_gate(draft: Draft, run: m.Run, answer: m.Answer, by: str) -> None:
    match answer.choice:
        case "accept":
            draft.emit(e.PhaseEntered(run=run.id, phase=m.Phase.EXECUTE))
        case "revise":
            if not answer.text:
                raise UsageError("revise wants the change that you wish as text")
            draft.emit(e.PhaseEntered(run=run.id, phase=m.Phase.PLAN))
            draft.emit(
                e.TurnQueued(
                    id=draft.new_id("T"),
                    agent=LEAD,
                    purpose=m.Purpose.PLAN,
                    run=run.id,
                    text=answer.text,
                )
            )
        case _:
            reason = f"the plan was declined by {by}" + (f": {answer.text}" if answer.text else "")
            draft.emit(e.RunEnded(run=run.id, outcome=m.RunOutcome.CANCELLED, reason=reason))


def _human(draft: Draft, run: m.Run, item: str, answer: m.Answer) -> None:
    said = answer.values.get("answer") or answer.text
    if not said:
        raise UsageError(f"item {item} wants an answer in words", hint='tmuxorch answer C… "what you saw"')
    draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemDone(), decision=said))


def _item(draft: Draft, run: m.Run, item: str, answer: m.Answer, by: str) -> None:
    match answer.choice:
        case "retry":
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemPending()))
        case "instruct":
            _instruction(answer)
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemPending(), decision=answer.text))
        case "skip":
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemSkipped(by=by)))
        case _:
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemFailed(reason=f"given up by {by}")))
            abort(draft, run, f"item {item} was given up", by)


def _run(draft: Draft, run: m.Run, answer: m.Answer, by: str) -> None:
    """A phase goes on: what failed is queued again by `follow`, which sees that the checkpoint is closed."""
    match answer.choice:
        case "instruct":
            _instruction(answer)
        case "skip":
            draft.emit(e.PhaseEntered(run=run.id, phase=m.Phase.REPORT))
        case "abort":
            abort(draft, run, "a phase could not be finished", by)
        case _:
            pass


def _instruction(answer: m.Answer) -> None:
    if not answer.text:
        raise UsageError("instruct wants the instruction as text")


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
        own = isinstance(origin, m.FromPlan | m.FromHumanItem | m.FromItem | m.FromRun) and origin.run == run
        if own and checkpoint.is_open:
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=f"the run was ended by {by}"))
    for check in draft.state.checks.values():
        if check.run != run:
            continue
        if isinstance(check.life, m.Queued):
            draft.emit(e.JobExited(id=check.id, outcome=m.Outcome.CANCELLED, reason=f"stopped by {by}"))
        elif isinstance(check.life, m.Starting | m.Running):
            draft.emit(e.JobStopping(id=check.id, by=by))
    for item, known in draft.state.runs[run].items.items():
        if isinstance(known.progress, m.ItemWorking | m.ItemChecking | m.ItemDeciding):
            failed = m.ItemFailed(reason=f"the run was ended by {by}")
            draft.emit(e.ItemMoved(run=run, item=item, progress=failed))
