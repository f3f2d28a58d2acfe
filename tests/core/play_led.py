"""What stories tell of runs that an agent leads by itself."""

from __future__ import annotations

from typing import TypeVar

from msgspec import json
from msgspec.structs import replace

from tests.core.play import TASKS, Story, described, plan_said, task
from tmuxorch.core import answers as a
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD

CLAUDE = "claude-code (mcp)"
"""A program that leads through our MCP server."""

TOKEN = a.ContractAnswer(
    name="token", producer="backend", consumers=("mobile",), shape="POST /token → {token}"
)

OF_THE_ENGINE = (m.Purpose.CONTRACTS, m.Purpose.PLAN, m.Purpose.REPLAN, m.Purpose.REPORT)
"""What the lead is asked for in turns, where it does not lead by itself."""

T = TypeVar("T")


def of(events: list[e.Event], kind: type[T]) -> list[T]:
    """Those of that kind."""
    return [event for event in events if isinstance(event, kind)]


def begun(*children: str, by: str = LEAD, settings: msg.Settings | None = None) -> Story:
    """A led run over `children` (backend and mobile) in its phase understand."""
    names = children or ("backend", "mobile")
    story = Story(settings)
    story.project(*names)
    story.up(*names, LEAD)
    story.tell(msg.StartRun(problem="they disagree", children=names, led=by))
    return story


def understood(*children: str, by: str = LEAD, settings: msg.Settings | None = None) -> Story:
    """A led run whose briefs are there."""
    return described(begun(*children, by=by, settings=settings))


def said(*tasks: a.ItemAnswer, contracts: tuple[a.ContractAnswer, ...] = (), objective: str = "Agree") -> str:
    """A plan as who leads gives it (of TASKS, when none)."""
    plan = plan_said(*(tasks or [task(*one) for one in TASKS]), objective=objective)
    return json.encode(replace(json.decode(plan, type=a.ReplanAnswer), contracts=contracts)).decode()


def proposes(story: Story, plan: str | None = None) -> list[e.Event]:
    """Who leads gives this plan."""
    return story.tell(msg.ProposePlan(plan=plan or said(), by=story.run.led))


def revises(story: Story, plan: str, reason: str = "") -> list[e.Event]:
    """Who leads gives a change of the plan."""
    return story.tell(msg.RevisePlan(plan=plan, reason=reason, by=story.run.led))


def orders(story: Story, *items: str) -> list[e.Event]:
    """Who leads wants these items to begin; none named: all that are ready."""
    return story.tell(msg.OrderItems(items=items, by=story.run.led))


def reports(story: Story, words: str = "All is well.") -> list[e.Event]:
    """Who leads gives its words on the run."""
    return story.tell(msg.GiveReport(run="", words=words, by=story.run.led))


def gated(
    *tasks: a.ItemAnswer,
    contracts: tuple[a.ContractAnswer, ...] = (),
    by: str = LEAD,
    settings: msg.Settings | None = None,
) -> Story:
    """A led run at the gate with a plan of `tasks` (of TASKS, when none)."""
    story = understood(by=by, settings=settings)
    proposes(story, said(*tasks, contracts=contracts))
    assert story.run.phase is m.Phase.GATE
    return story


def executing(
    *tasks: a.ItemAnswer,
    contracts: tuple[a.ContractAnswer, ...] = (),
    by: str = LEAD,
    settings: msg.Settings | None = None,
) -> Story:
    """A led run in its phase execute; no item has begun."""
    story = gated(*tasks, contracts=contracts, by=by, settings=settings)
    story.accepts()
    return story


def opened(story: Story) -> Story:
    """The story, with the lead open and idle."""
    story.tell(msg.OpenLead(full=False, by="ann"))
    story.dies(LEAD, "signal 15")
    story.up(LEAD)
    assert story.state.lead.open
    assert story.state.agents[LEAD].ready
    return story


def asks_human(story: Story, *blocks: str, by: str = LEAD, **card: object) -> list[e.Event]:
    """A lead asks a human which colour, while these items wait."""
    asked = m.Card(
        kind=m.CheckpointKind.HUMAN,
        title="which colour",
        body="",
        do="Say.",
        expect="A colour.",
        fields=(m.Field(id="answer", label="your answer"),),
    )
    return story.tell(msg.AskHuman(card=replace(asked, **card), blocks=blocks, by=by))


def untold(story: Story) -> list[e.TurnQueued]:
    """The turns that only a lead is given which does not lead by itself."""
    events = (event for _, event in story.journal)
    return [one for one in events if isinstance(one, e.TurnQueued) and one.purpose in OF_THE_ENGINE]


def proved(story: Story, child: str) -> list[e.Event]:
    """The child's turn ends, and all checks of its item pass."""
    events = story.finishes(child)
    while any(m.is_live(one.life) for one in story.state.checks.values()):
        events += story.check_ends(passes=True)
    return events
