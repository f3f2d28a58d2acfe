"""How each child is understood before there is a plan: topic by topic, then its brief; or by a brief that a former
run has of the same state of the repo.

A topic that takes too long is asked again in parts. A part that takes too long is left out, and the brief says so.
"""

from __future__ import annotations

from tmuxorch.core import brief
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide.asking import answer, ended
from tmuxorch.core.draft import Draft

TOPICS = "place", "history", "docs", "code"
"""In the order in which they are asked."""


def follow(draft: Draft, run: m.Run) -> bool:
    """Asks what has to be asked of each child; whether every one has its brief."""
    for child in run.children:
        if child not in run.briefs:
            _understand(draft, run, child)
    return draft.state.runs[run.id].briefs.keys() >= set(run.children)


def _understand(draft: Draft, run: m.Run, child: str) -> None:
    fingerprint = draft.state.agents[child].git.fingerprint
    if former := _former(draft.state, run, child):
        known = former.briefs[child]
        draft.emit(
            e.BriefRecorded(run=run.id, child=child, brief=known, fingerprint=fingerprint, reused=former.id)
        )
        return
    if not all(_heard(draft, run, child, topic) for topic in TOPICS):
        return
    if over := answer(draft, run, child, m.Purpose.BRIEF):
        said = brief.read(over.message, left_out(draft.state, run, child))
        draft.emit(e.BriefRecorded(run=run.id, child=child, brief=said, fingerprint=fingerprint))


def _former(state: m.State, run: m.Run, child: str) -> m.Run | None:
    """The newest former run whose brief of the child is about its repo as it is now."""
    begun = any((turn.run, turn.agent) == (run.id, child) for turn in state.turns.values())
    fingerprint = state.agents[child].git.fingerprint
    if run.fresh or begun or not fingerprint:
        return None
    for former in reversed(state.runs.values()):
        if former.id != run.id and former.fingerprints.get(child) == fingerprint:
            return former
    return None


def _heard(draft: Draft, run: m.Run, child: str, topic: str) -> bool:
    """Whether the child was heard on a topic, as far as it can be; asks for what comes first of the rest."""
    over = ended(draft, run, child, m.Purpose.DISCOVER, topic)
    if over is None:
        return False
    if over.outcome is not m.TurnOutcome.TIMED_OUT:
        return answer(draft, run, child, m.Purpose.DISCOVER, topic) is not None
    return all(_heard(draft, run, child, part) for part in split(draft.state.agents[child].repo, topic))


def split(repo: m.RepoFacts, topic: str) -> tuple[str, ...]:
    """The parts of a topic; none when it cannot be split any further."""
    parts = {
        "place": ("cwd", "status"),
        "history": ("commits", "branches"),
        "docs": repo.docs,
        "code": repo.directories,
    }.get(topic, ())
    return tuple(f"{topic} {part}" for part in parts) if len(parts) > 1 else ()


def left_out(state: m.State, run: m.Run, child: str) -> tuple[str, ...]:
    """Topics that the child took too long for in this run, less those that could be asked again in parts."""
    late = [
        turn.topic
        for turn in state.turns.values()
        if (turn.run, turn.agent, turn.purpose) == (run.id, child, m.Purpose.DISCOVER)
        and turn.over
        and turn.over.outcome is m.TurnOutcome.TIMED_OUT
    ]
    repo = state.agents[child].repo
    return tuple(dict.fromkeys(topic for topic in late if not split(repo, topic)))
