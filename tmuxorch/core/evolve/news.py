"""Which events are news for whoever leads the work, in a line each, and which of them the lead waits for: not for what
it did itself.

Facts; an agent's or a human's words appear only as such, clipped. What a worker or child said is told when the news are
told, from its files.
"""

from __future__ import annotations

from msgspec import Struct

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD

WORDS = 300
"""Characters of somebody's words in a piece of news."""

WHOLE = 2 * WORDS
"""Characters of a piece of news."""


MAY_BE = frozenset(
    {
        e.JobExited,
        e.PatternEnded,
        e.TurnEnded,
        e.ServerExited,
        e.Paused,
        e.Resumed,
        e.CheckpointOpened,
        e.CheckpointClosed,
        e.CheckpointLapsed,
        e.AnswerAttempted,
        e.PhaseEntered,
        e.BriefRecorded,
        e.ItemMoved,
        e.PlanEdited,
        e.ReplanAsked,
        e.ReplanSettled,
        e.RunEnded,
    }
)
"""The events that may be news. Most are none, and are passed over at once."""


class Heard(Struct, frozen=True):
    """A piece of news: about what, and whose wait ends with it (an agent's name; empty: nobody's). What does not matter
    asks nothing of anybody: a step on the way, or what whoever leads did by itself.
    """

    about: str
    said: str
    waits: str = ""
    matters: bool = True


def news(*, before: m.State, after: m.State, event: e.Event, at: float) -> m.News | None:
    """The news that `event` is, numbered; None where nobody waits for it."""
    heard = _heard(before, after, event) if type(event) in MAY_BE else None
    if heard is None:
        return None
    said = text.clip(text.line(heard.said), WHOLE)
    return m.News(
        number=after.news_count + 1,
        at=at,
        about=heard.about,
        text=said,
        wakes=heard.waits == LEAD,
        matters=heard.matters,
    )


def _heard(before: m.State, after: m.State, event: e.Event) -> Heard | None:
    match event:
        case e.JobExited(id=name) if name in after.workers:
            worker = after.workers[name]
            what = f"{name} {worker.spec.label} {event.outcome}"
            own = worker.spec.pattern or event.reason == f"stopped by {worker.spec.by}"
            return Heard(name, _with(what, event.reason), "" if own else worker.spec.by, not own)
        case e.PatternEnded(id=name):
            run = after.patterns[name]
            said = f"{name} {run.spec.pattern.name} {event.outcome}"
            own = run.stopped_by == run.spec.by
            said = _with(said, event.summary or event.reason)
            return Heard(name, said, "" if own else run.spec.by, not own)
        case e.TurnEnded(id=name) if after.turns[name].purpose is m.Purpose.ASK:
            turn, was = after.turns[name], before.turns[name].state
            if turn.agent == LEAD and not turn.by:
                return None  # it was there
            own = isinstance(was, m.TurnActive) and was.interrupting and was.by == turn.by
            said = _with(f"{name}, what {turn.agent} was asked, {event.outcome}", event.error)
            return Heard(name, said, "" if own else turn.by, not own)
        case e.ServerExited(name=name) if is_unexpected(before.agents[name]):
            return Heard(name, _with(f"the App Server of {name} ended", event.reason))
        case e.Paused(pause=pause):
            return Heard(
                pause.by or LEAD, _with("the account is refused, all its agents pause", pause.reason)
            )
        case e.Resumed(by=by):
            return Heard(LEAD, f"the pause is over, by {by}")
        case _:
            return _of_checkpoint(after, event) or _of_run(before, after, event)


def is_unexpected(agent: m.Agent) -> bool:
    """Whether nobody wanted its server to end."""
    return agent.wanted and not isinstance(agent.server, m.Stopping)


def _with(said: str, more: str) -> str:
    return f"{said}: {text.clip(text.line(more), WORDS)}" if more else said


def _of_checkpoint(state: m.State, event: e.Event) -> Heard | None:
    match event:
        case e.CheckpointOpened(id=name, card=card, source=source, origin=origin):
            said = _with(f"{name} waits for a human: {card.kind} of {source}", card.title)
            return Heard(name, said, matters=not _is_of_lead(state, origin))
        case e.CheckpointClosed(id=name):
            closed = state.checkpoints[name]
            assert isinstance(closed.state, m.Closed)
            said = _with(f"{name} was answered by {closed.state.by}", answer_words(closed))
            asked = isinstance(closed.origin, m.FromLead)
            return Heard(name, said, closed.source if asked else "", asked)
        case e.AnswerAttempted(id=name, by=by, how=how):
            return Heard(name, _with(f"{by} tried to answer {name} itself, which only a human can", how))
        case e.CheckpointLapsed(id=name, reason=reason):
            lapsed = state.checkpoints[name]
            waits = lapsed.source if isinstance(lapsed.origin, m.FromLead) else ""
            return Heard(name, _with(f"{name} has lapsed", reason), waits)
        case _:
            return None


def _is_of_lead(state: m.State, origin: m.Origin) -> bool:
    """Whether who leads the work has asked for it: a human's word on its plan, or what it wants to know."""
    match origin:
        case m.FromLead():
            return True
        case m.FromPlan(run=run) | m.FromReplan(run=run):
            return bool(state.runs[run].led)
        case _:
            return False


def answer_words(checkpoint: m.Checkpoint) -> str:
    """What a human answered, less secrets, which are in no state; empty while nobody has."""
    if not isinstance(checkpoint.state, m.Answered | m.Closed):
        return ""
    answer = checkpoint.state.answer
    secret = {field.id for field in checkpoint.card.fields if field.secret}
    values = (f"{key}={value}" for key, value in answer.values.items() if key not in secret)
    return " · ".join(part for part in (answer.choice, *values, "" if secret else answer.text) if part)


def _of_run(before: m.State, after: m.State, event: e.Event) -> Heard | None:
    match event:
        case e.PhaseEntered(run=name, phase=phase):
            said = _phase(before, after.runs[name], phase)
            led, moves = after.runs[name].led, phase in _MOVES
            return Heard(name, said, led if moves else "", moves or not led)
        case e.BriefRecorded(run=name, child=child):
            return Heard(name, f"the brief of {child} is there", matters=False)
        case e.ItemMoved(run=name, item=item, progress=progress):
            old = before.runs[name].items[item].progress
            said = _item(after.runs[name], item, progress) if type(old) is not type(progress) else ""
            return Heard(name, said, after.runs[name].led) if said else None
        case e.PlanEdited(run=name, by=""):
            run = after.runs[name]
            waits = run.led if run.phase is m.Phase.EXECUTE else ""  # at the gate a human has the last word
            return Heard(name, f"plan.md of {name} was edited by hand: read it (get_plan)", waits)
        case e.ReplanAsked(run=name, turn="", by=""):
            run = after.runs[name]
            causes = "; ".join(run.replan.causes) if run.replan else ""
            said = _with(f"the plan of {name} has to be looked at again (revise_plan)", causes)
            return Heard(name, said, run.led)
        case e.ReplanSettled(run=name, accepted=accepted, by=by):
            said = f"the change of the plan was {'accepted' if accepted else 'turned down'} by {by}"
            return Heard(name, said, after.runs[name].led)
        case e.RunEnded(run=name):
            run = after.runs[name]
            said = _with(f"{name} ended, {event.outcome}", event.reason)
            own = event.reason == f"cancelled by {run.led}"
            said = f"{said}; give your words on it (report_run)" if run.led else said
            return Heard(name, said, "" if own else run.led)
        case _:
            return None


_MOVES = (m.Phase.PLAN, m.Phase.EXECUTE)
"""Phases in which whoever leads a run has to do something."""


def _phase(before: m.State, run: m.Run, phase: m.Phase) -> str:
    if not run.led or phase not in _MOVES:
        return f"{run.id} is in its phase {phase}"
    if phase is m.Phase.EXECUTE:
        return f"the plan of {run.id} was accepted: start its items (start_items)"
    if before.runs[run.id].phase is m.Phase.GATE:
        return _with(f"a human wishes another plan of {run.id} (propose_plan)", _wish(before, run))
    return f"all that {run.id} asked its children for is there: propose the plan (get_briefs, propose_plan)"


def _wish(state: m.State, run: m.Run) -> str:
    gates = (one for one in reversed(state.checkpoints.values()) if one.origin == m.FromPlan(run=run.id))
    return answer_words(gate) if (gate := next(gates, None)) else ""


def _item(run: m.Run, item: str, progress: m.ItemProgress) -> str:
    planned = run.plan.item(item) if run.plan else None
    what = f"item {item}" + (f" ({planned.owner})" if planned else "")
    match progress:
        case m.ItemDone():
            return _with(f"{what} is done", run.items[item].summary)
        case m.ItemFailed(reason=reason):
            return _with(f"{what} has failed", reason)
        case m.ItemSkipped(by=by):
            return f"{what} was left out by {by}"
        case _:
            return ""
