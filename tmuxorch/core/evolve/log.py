"""Which events are worth an entry in runs.md, and what the entry says.

Facts first; an agent's words appear only as such, clipped. `Resume` holds a command that works when pasted.
"""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD

WORDS = 600
"""Characters of an agent's words that an entry keeps; the whole is in its thread."""


def entry(before: m.State, after: m.State, event: e.Event, at: float) -> m.LogEntry | None:
    """The entry for `event` (numbered by the caller), or None where it is not meaningful enough."""
    match event:
        case e.RunStarted(id=run, problem=problem, children=children):
            return _note(at, LEAD, f"{run}: {problem}", f"Started with {', '.join(children)}.")
        case e.TurnEnded():
            return _turn_entry(after, after.turns[event.id], event, at)
        case e.JobExited():
            job = after.workers.get(event.id)
            return _worker_entry(job, event, at) if job else _check_entry(after.checks[event.id], at)
        case e.CheckpointAnswered() | e.CheckpointLapsed():
            return _checkpoint_entry(before.checkpoints[event.id], event, at)
        case e.PlanProposed(run=run, plan=plan):
            return _note(
                at, LEAD, f"{run}: plan the work", f"A plan of {len(plan.items)} items.", artifacts="plan.md"
            )
        case e.PlanEdited(run=run):
            return _note(at, LEAD, f"{run}: edit of plan.md", "The edited plan is in force.")
        case e.ServerExited(name=name, reason=reason) if _unexpected(before.agents[name]):
            return _note(at, name, "App Server", f"Ended unexpectedly: {reason or event.outcome}.")
        case e.RunEnded(run=run, outcome=outcome, reason=reason):
            said = f"Ended: {outcome}." + (f" {reason}" if reason else "")
            return _note(at, LEAD, f"{run}: report", said, artifacts=f".orchestrator/reports/{run}.md")
        case _:
            return None


def _unexpected(agent: m.Agent) -> bool:
    return agent.wanted and not isinstance(agent.server, m.Stopping)


def _note(at: float, child: str, intent: str, result: str, **more: str) -> m.LogEntry:
    return m.LogEntry(
        number=0,
        at=at,
        child=text.line(child),
        intent=text.block(intent),
        result=text.block(result),
        checks=text.block(more.get("checks", "")),
        artifacts=text.block(more.get("artifacts", "")),
        resume=text.block(more.get("resume", "")),
        next_step=text.block(more.get("next_step", "")),
    )


def _turn_entry(state: m.State, turn: m.Turn, event: e.TurnEnded, at: float) -> m.LogEntry:
    what = f"item {turn.item}" if turn.item else turn.run or "on request"
    said = text.clip(text.block(event.message), WORDS)
    result = f"{event.outcome} in {event.seconds:.1f} s" + (f": {event.error}" if event.error else "")
    agent = state.agents.get(turn.agent)
    branch = f"branch {agent.git.branch}" if agent and agent.git.branch else ""
    return _note(
        at,
        turn.agent,
        f"{turn.purpose} ({what})" + (f": {text.clip(turn.text, WORDS)}" if turn.purpose == "ask" else ""),
        result + (f"\nIts words: {said}" if said else ""),
        artifacts=branch,
        resume=f"tmuxorch tui {turn.agent}",
    )


def _worker_entry(worker: m.Worker, event: e.JobExited, at: float) -> m.LogEntry:
    said = f"{event.outcome}, exit status {event.code}" + (f": {event.reason}" if event.reason else "")
    return _note(
        at,
        f"{worker.id}-{worker.spec.label}",
        text.clip(worker.spec.task, WORDS),
        said,
        artifacts=f".orchestrator/workers/{worker.id}/last_message.md",
        resume=f"tmuxorch result {worker.id}",
    )


def _check_entry(check: m.Check, at: float) -> m.LogEntry:
    assert isinstance(check.life, m.Exited)
    verdict = "pass" if check.passed else "fail"
    return _note(
        at,
        check.child,
        f"check {check.label} ({check.id})",
        f"{verdict}: exit status {check.life.code} in {check.seconds:.1f} s",
        checks=f"`{check.command}` in {check.cwd}, sandboxed: {verdict}",
        artifacts=f".orchestrator/checks/{check.id}/output.log",
    )


def _checkpoint_entry(
    checkpoint: m.Checkpoint, event: e.CheckpointAnswered | e.CheckpointLapsed, at: float
) -> m.LogEntry:
    match event:
        case e.CheckpointAnswered(answer=answer, by=by):
            result = f"Answered by {by}: {_said(checkpoint.card, answer)}"
        case e.CheckpointLapsed(reason=reason):
            result = f"Lapsed: {reason}"
    card = checkpoint.card
    return _note(at, checkpoint.source, f"checkpoint {checkpoint.id} · {card.kind}: {card.title}", result)


def _said(card: m.Card, answer: m.Answer) -> str:
    """The answer in one line, less what was asked for as a secret."""
    secret = {field.id for field in card.fields if field.secret}
    values = (f"{key}={'(secret)' if key in secret else value}" for key, value in answer.values.items())
    words = "(secret)" if secret and answer.text else answer.text
    return " · ".join(part for part in (answer.choice, words, ", ".join(values)) if part)
