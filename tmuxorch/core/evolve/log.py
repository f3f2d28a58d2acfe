"""Which events are worth an entry in runs.md, and what the entry says.

Facts first; an agent's words appear only as such, clipped. `Resume` holds a command that works when pasted.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tmuxorch.core import answers, text
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import run_log, worker_log
from tmuxorch.core.evolve.note import WORDS, paste
from tmuxorch.core.evolve.note import note as _note
from tmuxorch.core.plan import LEAD

OCCASIONS = {m.Purpose.TALK: "in Codex's own TUI", m.Purpose.WAKE: "news that it waited for"}
"""What turns were on that nobody asked us for."""


def entry(before: m.State, after: m.State, event: e.Event, at: float) -> m.LogEntry | None:
    """The entry for `event` (numbered by the caller), or None where it is not meaningful enough."""
    match event:
        case e.TurnEnded():
            return _turn_entry(after, after.turns[event.id], event, at)
        case e.JobExited(id=job) if job in after.checks:
            return _check_entry(after, after.checks[job], at)
        case e.JobExited() | e.WorkerPutBack() | e.PatternEnded():
            return worker_log.entry(after, event, at)
        case e.CheckpointAnswered() | e.CheckpointLapsed() | e.CheckpointReopened() | e.AnswerAttempted():
            return _checkpoint_entry(after, before.checkpoints[event.id], event, at)
        case e.ServerExited(name=name, reason=reason) if _unexpected(before.agents[name]):
            said = f"Ended unexpectedly: {reason or event.outcome}."
            return _note(at, name, "App Server", said, next_step="It is started again in its window.")
        case e.Paused(account=account, pause=pause):
            return _pause_entry(after, account, pause, at)
        case e.Resumed(by=by):
            return _note(at, LEAD, "account limit", f"Work goes on, by {by}.")
        case _:
            return run_log.entry(after, event, at)


def _unexpected(agent: m.Agent) -> bool:
    return agent.wanted and not isinstance(agent.server, m.Stopping)


def _pause_entry(state: m.State, account: str, pause: m.Pause, at: float) -> m.LogEntry:
    names = ", ".join(agent.name for agent in state.agents.values() if agent.account == account)
    return _note(
        at,
        pause.by or LEAD,
        "account limit",
        f"{pause.kind} limit: {pause.reason}\nPaused: {names}, and workers.",
        resume=paste(state, "up", "--resume-now"),
        next_step=f"Work goes on by itself {_clock(pause.until)}.",
    )


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):at %Y-%m-%d %H:%M:%S UTC}"


def _turn_entry(state: m.State, turn: m.Turn, event: e.TurnEnded, at: float) -> m.LogEntry:
    what = f"item {turn.item}" if turn.item else turn.run or OCCASIONS.get(turn.purpose, "on request")
    said = text.clip(answers.words(turn.purpose, event.message), WORDS)
    result = f"{event.outcome} in {event.seconds:.1f} s" + (f": {event.error}" if event.error else "")
    topic = f" {turn.topic}" if turn.topic else ""
    return _note(
        at,
        turn.agent,
        f"{turn.purpose}{topic} ({what})"
        + (f": {text.clip(turn.text, WORDS)}" if turn.purpose in (m.Purpose.ASK, m.Purpose.KICKOFF) else ""),
        result + (f"\nIts words: {said}" if said else ""),
        artifacts=_changed(state, turn),
        resume=paste(state, "tui", turn.agent),
        next_step=_after_turn(state, turn, event),
    )


def _changed(state: m.State, turn: m.Turn) -> str:
    """Where it worked and what it changed there, by git; the tokens that it took."""
    agent, run = state.agents.get(turn.agent), state.runs.get(turn.run)
    place = run.places.get(turn.agent) if run else None
    branch = place.branch if place else agent.git.branch if agent else ""
    facts = [f"branch {branch}"] if branch else []
    if place and place.worktree:
        facts.append(f"worktree {place.path}")
    if turn.touched:
        facts.append(f"changed files {text.clip(', '.join(turn.touched), WORDS)}")
    if turn.tokens != m.Tokens():
        facts.append(f"tokens {turn.tokens.input} in, {turn.tokens.output} out")
    return "\n".join(facts)


def _after_turn(state: m.State, turn: m.Turn, event: e.TurnEnded) -> str:
    run = state.runs.get(turn.run)
    item = run.plan.item(turn.item) if run and run.plan and turn.item else None
    if item is None or run is None or not run.active:
        return ""
    if event.outcome is not m.TurnOutcome.COMPLETED:
        return f"A human decides how item {item.id} goes on."
    return "Its checks: " + "; ".join(f"`{command}`" for command in item.verification)


def _check_entry(state: m.State, check: m.Check, at: float) -> m.LogEntry:
    assert isinstance(check.life, m.Exited)
    verdict = "pass" if check.passed else "fail"
    status = f"exit status {check.life.code}" if check.life.code >= 0 else str(check.life.outcome)
    how = f": {check.life.reason}" if check.life.reason not in ("", status) else ""
    return _note(
        at,
        check.child,
        f"check {check.label} ({check.id})",
        f"{verdict}: {status} in {check.seconds:.1f} s{how}",
        checks=f"`{check.command}` in {check.cwd}, sandboxed: {verdict}",
        artifacts=f".orchestrator/checks/{check.id}/output.log",
        resume=paste(state, "logs", check.id),
        next_step=_after_check(state, check),
    )


def _after_check(state: m.State, check: m.Check) -> str:
    run = state.runs[check.run]
    if check.passed or not check.item or check.item not in run.items or not run.active:
        return ""
    if run.items[check.item].fixes == 0:
        return f"{check.child} is given one turn to mend it, with this output."
    return f"A human decides how item {check.item} goes on."


def _checkpoint_entry(
    state: m.State,
    checkpoint: m.Checkpoint,
    event: e.CheckpointAnswered | e.CheckpointLapsed | e.CheckpointReopened | e.AnswerAttempted,
    at: float,
) -> m.LogEntry:
    match event:
        case e.CheckpointAnswered(answer=answer, by=by):
            result = f"Answered by {by}: {_said(checkpoint.card, answer)}"
        case e.CheckpointLapsed(reason=reason):
            result = f"Lapsed: {reason}"
        case e.CheckpointReopened(reason=reason):
            result = f"Open again: {reason}"
        case e.AnswerAttempted(by=by, how=how):
            result = f"{by} tried to answer this itself, which only a human can: {how}"
    card = checkpoint.card
    return _note(
        at,
        checkpoint.source,
        f"checkpoint {checkpoint.id} · {card.kind}: {card.title}",
        result,
        resume=paste(state, "show", checkpoint.id),
    )


def _said(card: m.Card, answer: m.Answer) -> str:
    """The answer in one line, less what was asked for as a secret."""
    secret = {field.id for field in card.fields if field.secret} | {*answer.secrets}
    values = {**answer.values, **dict.fromkeys(answer.secrets, "")}
    filled = (f"{key}={'(secret)' if key in secret else value}" for key, value in values.items())
    words = "(secret)" if secret and answer.text else answer.text
    return " · ".join(part for part in (answer.choice, words, ", ".join(filled)) if part)
