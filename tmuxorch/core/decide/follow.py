"""What follows from the state alone: processes to start, turns to send, phases and items to move on.

Level, not edge: each rule looks at what is, never at what has just happened, so the same rules serve a
restart. The rules are applied until none has anything to add.
"""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import brake, endpoints, gates, lead, patterns, phases, stalls, workers
from tmuxorch.core.decide.turns import LEADING, expire, give_up, in_flight
from tmuxorch.core.draft import Draft
from tmuxorch.core.leases import claims, of_item, waiting
from tmuxorch.core.secrets import awaited

ROUNDS = 1000
"""More rounds than any decision needs; passing it means that two rules undo each other."""


def follow(draft: Draft) -> None:
    """Adds every event that follows."""
    for _ in range(ROUNDS):
        before = len(draft.events)
        brake.follow(draft)
        _requests(draft)
        _questions(draft)
        _servers(draft)
        patterns.follow(draft)
        workers.start(draft)
        _checks(draft)
        stalls.follow(draft)
        if run := draft.state.active_run:
            phases.follow(draft, run)
        _leftovers(draft)
        lead.follow(draft)
        expire(draft)
        _turns(draft)
        if len(draft.events) == before:
            return
    raise AssertionError("the rules of follow() do not come to rest")


def _requests(draft: Draft) -> None:
    """A request of Codex ends with its turn, whoever ended that."""
    for checkpoint in draft.state.checkpoints.values():
        origin = checkpoint.origin
        if not isinstance(origin, m.FromServer) or not origin.turn:
            continue
        if draft.state.turns[origin.turn].over is None:
            continue
        if isinstance(checkpoint.state, m.Open):
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason="the turn that asked has ended"))
        elif isinstance(checkpoint.state, m.Answered):
            draft.emit(e.CheckpointClosed(id=checkpoint.id))


def _questions(draft: Draft) -> None:
    """What a lead asks a human about a run ends with that."""
    for checkpoint in draft.state.checkpoints.values():
        origin = checkpoint.origin
        if not isinstance(origin, m.FromLead) or not origin.run or not checkpoint.is_open:
            continue
        if not draft.state.runs[origin.run].active:
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=f"{origin.run} has ended"))


def _servers(draft: Draft) -> None:
    """A wanted server that is down is started again; one that keeps dying is a human's matter, until
    somebody starts or stops it; so is one that cannot be reached, until it can.
    """
    asked = {
        c.origin.agent: c
        for c in draft.state.checkpoints.values()
        if c.is_open and isinstance(c.origin, m.FromAgent)
    }
    for agent in draft.state.agents.values():
        if agent.is_connectable and not agent.ready:
            asked.pop(agent.name, None)
        if not agent.wanted or agent.endpoint or not isinstance(agent.server, m.Exited):
            continue
        if agent.crashes <= draft.settings.crashes:
            draft.emit(e.ServerStarting(name=agent.name, generation=agent.generation + 1))
        elif asked.pop(agent.name, None) is None:
            title = f"the App Server of {agent.name} keeps ending"
            card = gates.failure_card(title, agent.server.reason, gates.RETRY, gates.ABORT)
            gates.open_gate(draft, agent.name, "", m.FromAgent(agent=agent.name), card)
    for checkpoint in asked.values():
        draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason="the server was started, stopped or reached"))


def _checks(draft: Draft) -> None:
    """Queued checks start in order, within the limit, one per child at a time."""
    busy = [check.child for check in draft.state.checks.values() if m.is_live(check.life)]
    for check in draft.state.checks.values():
        free = len(busy) < draft.settings.checks and check.child not in busy
        if isinstance(check.life, m.Queued) and free:
            draft.emit(e.JobStarting(id=check.id))
            busy.append(check.child)


def _leftovers(draft: Draft) -> None:
    """A turn of a run that has no use for it any more, taken by Codex only now or lost with its server; one that
    may not write any more.
    """
    for turn in draft.state.turns.values():
        if turn.over:
            continue
        run = draft.state.runs.get(turn.run)
        reporting = run and run.phase is m.Phase.REPORT and turn.purpose is not m.Purpose.REPORT
        needless = run is not None and (bool(reporting) or not run.active)
        if needless:
            give_up(draft, turn, f"the end of {turn.run}")
        elif turn.writes and turn.agent in draft.settings.references:
            give_up(draft, turn, "the configuration: nobody may write in a reference")
        endpoints.abandoned(draft, draft.state.turns[turn.id], needless)


def _turns(draft: Draft) -> None:
    """Pending turns are sent in order: one per agent, `limits.turns` in all, none of an account that is paused,
    without a secret that it passes on, or where a worker writes. Those in which the lead waits for the others do not
    count; it is woken by decide.lead alone.
    """
    every = draft.state.turns.values()
    flying = sum(turn.in_flight and turn.purpose not in LEADING for turn in every)
    pending = [
        turn for turn in every if isinstance(turn.state, m.TurnPending) and turn.purpose is not m.Purpose.WAKE
    ]
    held_up = waiting(claims(draft.state)) if any(turn.writes for turn in pending) else frozenset[str]()
    for turn in pending:
        if flying >= draft.settings.turns:
            return
        agent = draft.state.agents.get(turn.agent)
        if agent is None or agent.account in draft.state.pauses or awaited(draft.state, turn):
            continue
        if turn.writes and of_item(turn.run, turn.item) in held_up:
            continue
        if agent.ready and in_flight(draft.state, agent.name) is None:
            draft.emit(e.TurnSending(id=turn.id, generation=agent.generation))
            flying += 1
