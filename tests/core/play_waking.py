"""What stories tell of a lead that is woken."""

from __future__ import annotations

from tests.core.play import Story
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import Link, World, reconcile

OUTCOME = m.TurnOutcome


class Led(Story):
    """A project with the child `app` and a lead that is open and idle."""

    def __init__(self) -> None:
        super().__init__()
        self.project("app")
        self.up("app", LEAD)
        self.tell(msg.OpenLead(full=False, by="ann"))
        self.dies(LEAD)
        self.up(LEAD)

    @property
    def generation(self) -> int:
        """Of the lead's server."""
        return self.state.agents[LEAD].generation

    def begins_worker(self, by: str = LEAD) -> str:
        """A worker of the lead's, at work; its id."""
        name = f"W{len(self.state.workers) + 1}"
        self.tell(msg.QueueWorker(id=name, spec=m.WorkerSpec(label="look", cwd="/repos/app", by=by)))
        self.starts(name)
        return name

    def hears(self, by: str = LEAD) -> None:
        """A worker of the lead's ends: that is news which it waits for."""
        self.ends(self.begins_worker(by))

    def due(self, *, wakes: bool = True, idle: bool = True) -> bool:  # type: ignore[override]
        """Whether the lead is to be woken as soon as nobody types."""
        link = Link(generation=self.generation, loaded=True, idle=idle)
        return f.WakeLead() in reconcile(self.state, World(links={LEAD: link}, wakes=wakes))

    def wakes(self) -> m.Turn:
        """Nobody types: the lead is woken by this turn, which is being sent."""
        assert self.due()
        self.tell(msg.WakeLead())
        turn = self.turn(LEAD)
        assert (turn.purpose, type(turn.state)) == (m.Purpose.WAKE, m.TurnSent)
        return turn

    def talks(self, name: str = "u1") -> None:
        """Somebody begins a turn in Codex's own TUI."""
        self.tell(msg.TurnSeen(agent=LEAD, generation=self.generation, codex_turn=name))

    def quiet(self, name: str = "u1", outcome: m.TurnOutcome = OUTCOME.COMPLETED) -> None:
        """That turn ends."""
        self.tell(msg.TurnFinished(agent=LEAD, codex_turn=name, outcome=outcome))

    def asked(self, upto: int, codex: str) -> list[e.Event]:
        """The lead was told the news up to that number, when it asked in that turn."""
        return self.tell(msg.TellNews(upto=upto, codex_turn=codex))

    def refused(self) -> list[e.Event]:
        """Codex does not take the turn."""
        return self.tell(msg.TurnRefused(id=self.turn(LEAD).id, error="no"))
