"""What the answers to tmuxorch's own checkpoints do."""

from __future__ import annotations

from typing import assert_never

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import brake, commits, gates, human, lead, places, proving, replan, stalls
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import UsageError


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
            human.take(draft, draft.state.runs[run], item, checkpoint)
        case m.FromItem(run=run, item=item):
            _item(draft, draft.state.runs[run], item, checkpoint.card.title, answer, by)
        case m.FromRun(run=run):
            _run(draft, draft.state.runs[run], answer, by)
        case m.FromPlace(run=run, child=child):
            places.take(draft, draft.state.runs[run], child, answer, by)
        case m.FromReplan(run=run):
            replan.take(draft, draft.state.runs[run], answer, by)
        case m.FromPause(account=account):
            brake.take(draft, account, answer, by)
        case m.FromAgent(agent=agent):
            wanted = answer.choice == gates.RETRY.key
            draft.emit(e.AgentWanted(name=agent, wanted=wanted, by=by))
            run_now = draft.state.active_run
            if not wanted and run_now:
                gates.abort(draft, run_now, f"{agent} cannot be kept up", by)
        case m.FromCommit():
            commits.take(draft, origin, answer, by)
        case m.FromWorker(worker=worker):
            stalls.take(draft, worker, answer, by)
        case m.FromLead():
            pass  # it is told
        case m.FromWake(turn=turn):
            lead.take(draft, turn, answer)
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
            if run.led:
                return
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


def _item(draft: Draft, run: m.Run, item: str, why: str, answer: m.Answer, by: str) -> None:
    planned = run.plan.item(item) if run.plan else None
    assert planned is not None
    match answer.choice:
        case "accept":
            proving.accept(draft, run, planned)
        case "recheck":
            proving.check(draft, run, planned)
        case "replan":
            cause = f"{why}: {answer.text}" if answer.text else why
            draft.emit(e.ReplanWanted(run=run.id, cause=cause, holds=(item,)))
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemPending(), decision=answer.text))
        case "retry":
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemPending()))
        case "instruct":
            _instruction(answer)
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemPending(), decision=answer.text))
        case "skip":
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemSkipped(by=by)))
        case _:
            draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemFailed(reason=f"given up by {by}")))
            gates.abort(draft, run, f"item {item} was given up", by)


def _run(draft: Draft, run: m.Run, answer: m.Answer, by: str) -> None:
    """A phase goes on: what failed is queued again by `follow`, which sees that the checkpoint is closed."""
    match answer.choice:
        case "instruct":
            _instruction(answer)
        case "skip":
            draft.emit(e.PhaseEntered(run=run.id, phase=m.Phase.REPORT))
        case "abort":
            gates.abort(draft, run, "a phase could not be finished", by)
        case _:
            pass


def _instruction(answer: m.Answer) -> None:
    if not answer.text:
        raise UsageError("instruct wants the instruction as text")
