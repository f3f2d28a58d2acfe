"""The law: which status may follow which, whole, in one place.

1. A process is queued (servers start at once), is started through its window, runs, may be asked to stop,
   and ends. It ends once. A server that has ended may be started again as its next generation; a worker
   whose process has ended without a result may be queued again for its next try, unless it was to stop.
2. A turn is pending, is written ahead as sent, becomes active when Codex took it, and is over. One that
   was lost with its server goes back to pending once, and becomes active when it had arrived after all. It
   may be over from anywhere; nothing follows.
3. A checkpoint is open. It is answered here (the answer is still to have its effect) and then closed; or
   it is closed by an answer given elsewhere; or it lapses. One that was answered lapses too when what it
   asked for is gone. It is open again when its secret answer was lost before all that needed it had it.
4. An item waits, is worked on, is checked, may be committed, may wait for a human, and is done, failed or
   skipped. A check that failed sends it back to work. Only a human, through a checkpoint, has it tried
   again, checked again, committed again, let pass or left out. A human task that is done waits for a human
   again when its secret answer was lost.
5. A run goes through its phases in order; a rejected plan goes back from the gate to planning; whatever
   fails goes to the report, and from anywhere it can end.
"""

from __future__ import annotations

from tmuxorch.core import model as m
from tmuxorch.errors import Bug

ALLOWED: dict[type, frozenset[type]] = {
    # a process
    m.Queued: frozenset({m.Starting, m.Exited}),
    m.Starting: frozenset({m.Running, m.Stopping, m.Exited, m.Queued}),
    m.Running: frozenset({m.Stopping, m.Exited, m.Queued}),
    m.Stopping: frozenset({m.Exited}),
    m.Exited: frozenset({m.Starting}),
    # a turn
    m.TurnPending: frozenset({m.TurnSent, m.TurnActive, m.TurnOver}),
    m.TurnSent: frozenset({m.TurnActive, m.TurnPending, m.TurnOver}),
    m.TurnActive: frozenset({m.TurnPending, m.TurnOver}),
    m.TurnOver: frozenset(),
    # a checkpoint
    m.Open: frozenset({m.Answered, m.Closed, m.Lapsed}),
    m.Answered: frozenset({m.Closed, m.Lapsed, m.Open}),
    m.Closed: frozenset({m.Open}),
    m.Lapsed: frozenset(),
    # an item of a plan
    m.ItemPending: frozenset({m.ItemWorking, m.ItemDeciding}),
    m.ItemWorking: frozenset({m.ItemChecking, m.ItemDeciding, m.ItemFailed}),
    m.ItemChecking: frozenset({m.ItemWorking, m.ItemCommitting, m.ItemDeciding, m.ItemDone, m.ItemFailed}),
    m.ItemCommitting: frozenset({m.ItemDeciding, m.ItemDone, m.ItemFailed}),
    m.ItemDeciding: frozenset(
        {
            m.ItemPending,
            m.ItemWorking,
            m.ItemChecking,
            m.ItemCommitting,
            m.ItemDone,
            m.ItemFailed,
            m.ItemSkipped,
        }
    ),
    m.ItemDone: frozenset({m.ItemDeciding}),
    m.ItemFailed: frozenset(),
    m.ItemSkipped: frozenset(),
}

P = m.Phase
PHASES: dict[m.Phase, frozenset[m.Phase]] = {
    P.CONNECT: frozenset({P.UNDERSTAND, P.REPORT, P.ENDED}),
    P.UNDERSTAND: frozenset({P.PLAN, P.REPORT, P.ENDED}),
    P.PLAN: frozenset({P.GATE, P.REPORT, P.ENDED}),
    P.GATE: frozenset({P.EXECUTE, P.PLAN, P.REPORT, P.ENDED}),
    P.EXECUTE: frozenset({P.VERIFY, P.REPORT, P.ENDED}),
    P.VERIFY: frozenset({P.REPORT, P.ENDED}),
    P.REPORT: frozenset({P.ENDED}),
    P.ENDED: frozenset(),
}


class IllegalMove(Bug):
    """A status was to follow another one that it cannot follow."""


def move(thing: str, old: object, new: object) -> None:
    """Returns if `new` may follow `old`; raises IllegalMove, naming `thing`, if not."""
    if type(new) not in ALLOWED[type(old)]:
        raise IllegalMove(f"{thing}: {type(new).__name__} cannot follow {type(old).__name__}")


def enter(run: str, old: m.Phase, new: m.Phase) -> None:
    """Returns if the run may go from phase `old` to `new`; raises IllegalMove if not."""
    if new not in PHASES[old]:
        raise IllegalMove(f"{run}: phase {new} cannot follow {old}")
