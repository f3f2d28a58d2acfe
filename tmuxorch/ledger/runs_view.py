"""What runs.md says of a state."""

from __future__ import annotations

from tmuxorch.core import answers, text
from tmuxorch.core import model as m
from tmuxorch.ledger import words
from tmuxorch.ledger.runs_values import KEEP, RunsView, SessionRow, timestamp

CELL = 160
"""Characters of an agent's words, or of a task, in a table's cell."""

PROBLEM = 300
"""Characters of a run's problem."""


def view(state: m.State, now: float) -> RunsView:
    """What runs.md shows at the time `now`: the newest run, all agents, the workers that live, the newest entries."""
    waiting = [_pause(account, pause) for account, pause in state.pauses.items()]
    waiting += [f"{one.id} {one.card.title}" for one in state.checkpoints.values() if one.is_open]
    run = state.active_run
    if run and (awaited := words.awaited_of_lead(run)):
        waiting.append(f"{run.led}: {awaited}")
    return RunsView(
        overall_status=_overall(state),
        waiting_on=text.line("; ".join(waiting) or "nothing"),
        last_updated_by=f"tmuxorch, {timestamp(now)}",
        sessions=(
            *(_agent(state, agent) for agent in state.agents.values()),
            *(_worker(state, worker) for worker in state.workers.values() if m.is_live(worker.life)),
        ),
        entries=state.log[-KEEP:],
    )


def _pause(account: str, pause: m.Pause) -> str:
    whose = f"the account of {account}" if account else "the Codex account"
    return f"{whose} ({words.LIMITS[pause.kind]}), until {timestamp(pause.until)}"


def _overall(state: m.State) -> str:
    run = state.run
    if run is None:
        return "no run yet"
    led = f", led by {run.led}" if run.led else ""
    said = f"{run.id} {words.progress(state, run)}{led}: {text.clip(text.line(run.problem), PROBLEM)}"
    return text.line(f"{said} ({run.end.reason})" if run.end and run.end.reason else said)


def _agent(state: m.State, agent: m.Agent) -> SessionRow:
    waiting = words.waiting_for(state, agent.name)
    word = words.child_state(state, agent)
    return SessionRow(
        child=text.line(agent.name),
        session_handle=text.line(agent.thread),
        state=f"{word} ({waiting.id})" if waiting else word,
        current_task=_task(words.current_turn(state, agent.name)),
        last_summary=_last_words(state, agent.name),
    )


def _task(turn: m.Turn | None) -> str:
    if turn is None:
        return ""
    what = f"item {turn.item}" if turn.item else turn.topic
    return text.line(f"{turn.purpose}: {what}" if what else turn.purpose)


def _last_words(state: m.State, agent: str) -> str:
    for turn in reversed(state.turns.values()):
        if turn.agent == agent and turn.over and (said := answers.words(turn.purpose, turn.over.message)):
            return text.line(text.clip(text.line(said), CELL))
    return ""


def _worker(state: m.State, worker: m.Worker) -> SessionRow:
    return SessionRow(
        child=text.line(f"{worker.id}-{worker.spec.label}"),
        session_handle=text.line(worker.thread),
        state=words.worker_state(state, worker),
        current_task=text.line(text.clip(text.line(worker.spec.task), CELL)),
    )
