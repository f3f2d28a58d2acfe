"""Plays stories to the core: this happens, that must come out.

A story is told by messages only, so no state in these tests is one that the core could not have reached. After
every message the journal so far, as it is on disk, must give the state that the decision left.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace

from tmuxorch.core import answers as a
from tmuxorch.core import effects as f
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.brief import BriefAnswer
from tmuxorch.core.decide import decide
from tmuxorch.core.decide.turns import in_flight
from tmuxorch.core.evolve import evolve
from tmuxorch.core.plan import LEAD, Human, HumanKind, Plan, PlanItem
from tmuxorch.core.reconcile import World, reconcile
from tmuxorch.core.schedule import next_due
from tmuxorch.core.work import ContractChange, WorkAnswer
from tmuxorch.errors import TmuxorchError

DONE = m.TurnOutcome.COMPLETED

BRIEF = json.encode(
    BriefAnswer(
        role="the service",
        current_state="one test fails",
        key_docs=("README.md",),
        release_notes="CHANGELOG.md",
        tests=("make test",),
        constraints=(),
        questions=(),
    )
).decode()

CONTRACTS = json.encode(
    a.ContractsAnswer(
        contracts=(
            a.ContractAnswer(
                name="token", producer="backend", consumers=("mobile",), shape="POST /token → {token}"
            ),
        ),
        parallel=("1 and 2 touch nothing in common",),
        risks=("the token's format",),
    )
).decode()

TASKS = ("1", "backend"), ("2", "mobile", "1")
"""The usual plan: mobile after backend."""


def task(
    id: str, owner: str, *depends: str, verification: tuple[str, ...] = ("make test",), contract: str = ""
) -> a.ItemAnswer:
    """A proposed item; `see` as verification of the lead's makes it a human task."""
    human = a.HumanAnswer(do=f"Do {id} by hand.", expect="what you saw") if owner == LEAD else None
    return a.ItemAnswer(
        id=id,
        title=f"Title of {id}",
        owner=owner,
        depends=depends,
        scope=("src",),
        contract=contract,
        instructions=f"Instructions of {id}.",
        verification=() if human else verification,
        risk="",
        human=human,
    )


def plan_said(*tasks: a.ItemAnswer, objective: str = "Make the two agree") -> str:
    """The lead's answer to a plan turn."""
    return json.encode(
        a.PlanAnswer(
            objective=objective,
            success_criteria=("both pass",),
            items=tasks,
            parallel=(),
            human_checkpoints=(),
            risks=(),
        )
    ).decode()


def work_said(**changes: str) -> str:
    """A child's answer to an item turn; the contracts that it changed by name, with their shapes."""
    named = (ContractChange(name=name, shape=shape, why="it expires") for name, shape in changes.items())
    return json.encode(WorkAnswer(summary="Done.", contract_changes=tuple(named), open_questions=())).decode()


class Story:
    """`state` after all that was told; `journal` as recorded; each message comes one second after the last."""

    def __init__(self, settings: msg.Settings | None = None) -> None:
        self.settings = settings or msg.Settings()
        self.state = m.State()
        self.now = 1000.0
        self.journal: list[tuple[float, e.Event]] = []
        self._folded = m.State()

    # -- telling

    def tell(self, message: msg.Message) -> list[e.Event]:
        """`message` happens. What it causes, for whom it concerns."""
        self.now += 1
        state, events = decide(self.state, message, self.settings, self.now)
        for event in events:
            recorded = e.decode(e.encode(event))
            self.journal.append((self.now, recorded))
            self._folded = evolve(self._folded, recorded, self.now)
        assert self._folded == state, "the journal gives another state than the decision left"
        self.state = state
        return events

    def on(self, message: msg.Message, *expected: e.Event) -> None:
        """`message` happens, and causes exactly `expected`: one event more or less fails."""
        assert self.tell(message) == list(expected)

    def refuses(self, message: msg.Message, error: type[TmuxorchError], says: str) -> None:
        """`message` is turned down with an `error` that says so, and nothing is recorded."""
        before, recorded = self.state, len(self.journal)
        with pytest.raises(error) as caught:
            self.tell(message)
        assert type(caught.value) is error
        assert says in caught.value.message
        assert (self.state, len(self.journal)) == (before, recorded)

    # -- servers

    def project(self, *children: str) -> None:
        """The children and the lead belong to the project; their servers are starting."""
        for name in (*children, LEAD):
            self.tell(msg.AddAgent(name=name, path=f"/repos/{name}"))

    def up(self, *names: str) -> None:
        """The servers answer."""
        for name in names:
            self.tell(msg.ProcessStarted(ref=self.ref(name), pid=100, host_pid=99))
            self.loads(name)

    def ref(self, name: str) -> str:
        """The server process of that agent, now."""
        return msg.server_ref(name, self.state.agents[name].generation)

    def loads(self, name: str, *turns: msg.SeenTurn) -> list[e.Event]:
        """The agent's thread is loaded, and has these turns."""
        generation = self.state.agents[name].generation
        return self.tell(
            msg.ThreadLoaded(agent=name, generation=generation, thread=f"thread of {name}", turns=turns)
        )

    def dies(self, name: str, reason: str = "signal 9") -> list[e.Event]:
        """The agent's server is killed."""
        return self.tell(
            msg.ProcessEnded(ref=self.ref(name), outcome=m.Outcome.KILLED, code=-1, reason=reason)
        )

    # -- turns

    def turn(self, agent: str) -> m.Turn:
        """The agent's turn in flight."""
        turn = in_flight(self.state, agent)
        assert turn is not None, f"{agent} has no turn"
        return turn

    def turns_of(self, agent: str, purpose: m.Purpose) -> list[m.Turn]:
        """All turns that the agent was given for that purpose."""
        return [t for t in self.state.turns.values() if (t.agent, t.purpose) == (agent, purpose)]

    def turn_id(self, agent: str) -> str:
        """Codex's id of the agent's turn in flight."""
        return codex_turn(self.turn(agent))

    def begins(self, agent: str) -> m.Turn:
        """Codex takes the turn that is being sent."""
        turn = self.turn(agent)
        assert isinstance(turn.state, m.TurnSent), turn.state
        self.tell(msg.TurnBegan(id=turn.id, codex_turn=codex_turn(turn)))
        return self.turn(agent)

    def finishes(
        self,
        agent: str,
        message: str = "I did it.",
        outcome: m.TurnOutcome = DONE,
        error: str = "",
        *,
        touched: tuple[str, ...] = (),
        strays: dict[str, tuple[str, ...]] | None = None,
        moved: str = "",
        after: m.Git | None = None,
    ) -> list[e.Event]:
        """Codex takes the turn, if it did not yet, and ends it; git sees what it touched."""
        turn = self.turn(agent)
        if isinstance(turn.state, m.TurnSent):
            turn = self.begins(agent)
        return self.tell(
            msg.TurnFinished(
                agent=agent,
                codex_turn=codex_turn(turn),
                outcome=outcome,
                message=message,
                error=error,
                touched=touched,
                strays=strays or {},
                moved=moved,
                after=after,
            )
        )

    def heard(self, *children: str) -> None:
        """The children are heard on every topic; their briefs are what they are asked for next."""
        for child in children:
            while self.turn(child).purpose is m.Purpose.DISCOVER:
                self.finishes(child, "I have read it.")

    def fails(self, agent: str, error: str = "stream disconnected") -> list[e.Event]:
        """Codex ends the turn as failed."""
        return self.finishes(agent, "", m.TurnOutcome.FAILED, error)

    # -- checks and workers

    def process(self, job: str) -> str:
        """The process of a check, or of the newest try of a worker."""
        return msg.job_ref(self.state.workers.get(job) or self.state.checks[job])

    def starts(self, job: str) -> list[e.Event]:
        """The process of a check or worker starts."""
        return self.tell(msg.ProcessStarted(ref=self.process(job), pid=200, host_pid=199))

    def ends(
        self, job: str, outcome: m.Outcome = m.Outcome.SUCCEEDED, code: int = 0, **more: Any
    ) -> list[e.Event]:
        """The process of a check or worker starts, if it did not yet, and ends, with `more` of what is told then."""
        self.starts(job)
        ended = msg.ProcessEnded(
            ref=self.process(job), outcome=outcome, code=code, seconds=2.0, tail="the end of its output"
        )
        return self.tell(replace(ended, **more))

    def clock(self, at: float) -> list[e.Event]:
        """The clock reaches `at`."""
        self.now = at - 1  # telling takes a second
        return self.tell(msg.Tick())

    def alarm(self) -> float | None:
        """When the clock alone will change something."""
        return next_due(self.state, self.settings)

    def check_ends(self, passes: bool) -> list[e.Event]:
        """The check that runs ends."""
        check = self.check()
        return self.ends(check.id) if passes else self.ends(check.id, m.Outcome.FAILED, 2)

    def check(self) -> m.Check:
        """The oldest check that is on its way."""
        return next(check for check in self.state.checks.values() if m.is_live(check.life))

    # -- checkpoints

    def opened(self) -> list[m.Checkpoint]:
        """The open checkpoints."""
        return [checkpoint for checkpoint in self.state.checkpoints.values() if checkpoint.is_open]

    def the_checkpoint(self) -> m.Checkpoint:
        """The only open checkpoint."""
        (checkpoint,) = self.opened()
        return checkpoint

    def reply(self, choice: str = "", text: str = "", **values: str) -> msg.AnswerCheckpoint:
        """A person's answer to the only open checkpoint."""
        answer = m.Answer(choice=choice, text=text, values=values)
        return msg.AnswerCheckpoint(id=self.the_checkpoint().id, answer=answer, by="ann")

    def answers(self, choice: str = "", text: str = "", **values: str) -> list[e.Event]:
        """A person answers the only open checkpoint."""
        return self.tell(self.reply(choice, text, **values))

    def accepts(self) -> list[e.Event]:
        """A person accepts the plan; every place that it needs is there, and clean. What all of that causes."""
        return [*self.answers("accept"), *self.finds_places()]

    def edited(self, items: tuple[PlanItem, ...]) -> Plan:
        """The run's plan with other items."""
        assert self.run.plan
        return replace(self.run.plan, items=items)

    def makes_human(
        self, item: str, kind: HumanKind, expect: str = "what you saw", secret: bool = False
    ) -> None:
        """Edits a human task of the plan."""
        assert self.run.plan
        wanted = Human(do="Look.", expect=expect, kind=kind, secret=secret)
        items = (replace(one, human=wanted) if one.id == item else one for one in self.run.plan.items)
        self.tell(msg.PlanRead(plan=self.edited(tuple(items))))

    # -- repos

    def due(self) -> list[f.PreparePlace | f.CommitWork]:
        """What is due in the repos: places to be found, commits to be made."""
        effects = reconcile(self.state, World())
        return [effect for effect in effects if isinstance(effect, f.PreparePlace | f.CommitWork)]

    def finds(self, child: str, *dirty: str, worktree: bool = False) -> list[e.Event]:
        """The place of a child is there."""
        return self.tell(
            msg.PlaceFound(run=self.run.id, child=child, place=place(child, *dirty, worktree=worktree))
        )

    def finds_places(self) -> list[e.Event]:
        """Every place that is due is there, and clean."""
        due = [effect.child for effect in self.due() if isinstance(effect, f.PreparePlace)]
        return [event for child in due for event in self.finds(child)]

    # -- runs

    @property
    def run(self) -> m.Run:
        """The newest run."""
        assert self.state.run is not None
        return self.state.run

    def progress(self, item: str) -> m.ItemProgress:
        """How far an item of the run is."""
        return self.run.items[item].progress

    def status(self, *items: str) -> list[str]:
        """The public words for items."""
        return [m.item_status(self.state, self.run, item).value for item in items]


def place(child: str, *dirty: str, worktree: bool = False) -> m.Place:
    """The repo of a child as it is found, or a worktree of it."""
    path, branch = (f"/trees/{child}", "tmuxorch/R1") if worktree else (f"/repos/{child}", "main")
    return m.Place(path=path, branch=branch, head="0" * 40, worktree=worktree, dirty=dirty)


def codex_turn(turn: m.Turn) -> str:
    """Codex's own id of the turn in these stories."""
    return f"codex-{turn.id}-{turn.attempt}"


def started(*children: str, auto: bool = False, settings: msg.Settings | None = None) -> Story:
    """A run over `children` (backend and mobile) in its phase understand: everybody is up."""
    names = children or ("backend", "mobile")
    story = Story(settings)
    story.project(*names)
    story.up(*names, LEAD)
    story.tell(msg.StartRun(problem="they disagree", children=names, auto=auto))
    return story


def understood(*children: str, auto: bool = False, settings: msg.Settings | None = None) -> Story:
    """A run in its phase plan: briefs and contracts are there."""
    return described(started(*children, auto=auto, settings=settings))


def described(story: Story) -> Story:
    """As `understood`, of a run in its phase understand."""
    for check in story.state.checks:
        story.ends(check)
    said = {m.Purpose.BRIEF: BRIEF, m.Purpose.CONTRACTS: CONTRACTS}
    while story.run.phase is m.Phase.UNDERSTAND:
        turn = next(turn for turn in story.state.turns.values() if isinstance(turn.state, m.TurnSent))
        story.finishes(turn.agent, said.get(turn.purpose, "I have read it."))
    assert story.run.phase is m.Phase.PLAN
    return story


def gated(
    *tasks: a.ItemAnswer, children: tuple[str, ...] = (), settings: msg.Settings | None = None
) -> Story:
    """A run at the gate with a plan of `tasks` (of TASKS, when none)."""
    story = understood(*children, settings=settings)
    story.finishes(LEAD, plan_said(*(tasks or [task(*one) for one in TASKS])))
    assert story.run.phase is m.Phase.GATE
    return story


def executing(
    *tasks: a.ItemAnswer, children: tuple[str, ...] = (), settings: msg.Settings | None = None
) -> Story:
    """A run in its phase execute: the plan was accepted, and every owner has a place."""
    story = gated(*tasks, children=children, settings=settings)
    story.accepts()
    assert story.run.phase is m.Phase.EXECUTE
    return story


def accepted(
    *tasks: a.ItemAnswer, children: tuple[str, ...] = (), settings: msg.Settings | None = None
) -> Story:
    """A run whose plan was just accepted."""
    story = gated(*tasks, children=children, settings=settings)
    story.answers("accept")
    return story


def asks(agent: str, request: int | str = 0, *, codex_turn: str = "", generation: int = 1) -> msg.ServerAsked:
    """Codex asks whether a command may run."""
    choices = tuple(m.Choice(key, key) for key in ("accept", "decline"))
    return msg.ServerAsked(
        agent=agent,
        generation=generation,
        request=request,
        method="item/commandExecution/requestApproval",
        params="{}",
        card=m.Card(
            kind=m.CheckpointKind.APPROVAL,
            title="touch /x",
            body="touch /x",
            do="Decide.",
            expect="accept or decline",
            choices=choices,
        ),
        digest="d1",
        codex_turn=codex_turn,
    )
