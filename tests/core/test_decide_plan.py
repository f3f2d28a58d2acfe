"""The plan of a run: proposed, mended, decided on, and edited by hand at the gate and while it is executed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import TASKS, Story, executing, gated, plan_said, task, understood
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, ItemStatus, Plan, PlanItem
from tmuxorch.errors import PlanError, Refused, UsageError

PHASE = m.Phase


# -- the plan


def refused_with(story: Story, said: str) -> tuple[str, ...]:
    events = story.finishes(LEAD, said)
    (refused,) = [event for event in events if isinstance(event, e.PlanRefused)]
    assert story.turn(LEAD).text == "\n".join(refused.problems)
    return refused.problems


def test_the_lead_is_told_exactly_what_is_wrong_with_its_plan() -> None:
    story = understood()
    circle = plan_said(task("1", "backend", "2"), task("2", "mobile", "1"))
    assert refused_with(story, circle)[0].startswith("the dependencies go in a circle: ")
    assert refused_with(story, plan_said(task("1", "frontend"), task("2", "mobile", "9"))) == (
        "item 1: unknown owner 'frontend'; the children are: backend, mobile "
        "(and orchestrator for human tasks)",
        "item 2: it depends on '9', which is no item",
    )
    (problem,) = refused_with(story, "Here is my plan: first, backend.")
    assert problem.startswith("the answer is not the JSON asked for: ")
    assert story.run.repairs == 3
    story.finishes(LEAD, plan_said(task("1", "backend")))
    assert (story.run.phase, story.run.repairs) == (PHASE.GATE, 0)


@pytest.mark.parametrize("said", ['{"odd": ' + "[" * 100_000, "{}", "", "null", '{"items": 1}'])
def test_no_answer_however_odd_is_more_than_a_plan_refused(said: str) -> None:
    assert refused_with(understood(), said)


def test_a_plan_that_stays_wrong_is_a_matter_for_a_human() -> None:
    story = understood(settings=msg.Settings(plan_repairs=1))
    refused_with(story, "no plan")
    assert not any(isinstance(event, e.PlanRefused) for event in story.finishes(LEAD, plan_said()))
    card = story.the_checkpoint().card
    assert card.title == "the lead gave no plan that can be executed, in 2 tries"
    assert card.body == "the plan has no items"
    story.answers("instruct", "begin with backend")
    assert story.turn(LEAD).text == "begin with backend"
    story.finishes(LEAD, plan_said())
    story.answers("retry")
    assert story.turn(LEAD).text == "the plan has no items"


def test_the_plan_holds_what_was_understood_what_git_says_and_the_contracts() -> None:
    story = understood()
    story.tell(msg.SawGit(agent="backend", git=m.Git(branch="main", head="a" * 40, changed=("x",))))
    story.finishes(LEAD, plan_said(task("1", "backend")))
    assert story.run.plan is not None
    assert story.run.plan.children[0].current_state == (
        f"main at {'a' * 12}, 1 changed files. one test fails"
    )
    assert story.run.plan.contracts == story.run.contracts
    assert story.run.plan.contracts[0].shape == "POST /token → {token}"
    assert story.run.plan.risks == ("the token's format",)


def test_a_contract_with_somebody_unknown_is_told_as_a_risk() -> None:
    story = understood("backend")
    story.finishes(LEAD, plan_said(task("1", "backend")))
    assert plan_of(story).contracts == ()
    assert plan_of(story).risks[1] == (
        "No contract was made of 'token': unknown consumer 'mobile'; the children are: backend"
    )


# -- the gate


def test_the_gate_shows_the_whole_plan() -> None:
    story = gated(task("1", "backend", contract="token"), task("2", LEAD, "1"))
    assert (
        story.the_checkpoint().card.body
        == """Make the two agree

Success criteria:
  both pass

Risks and open questions:
  the token's format

Items:
item 1: Title of 1 (backend)
    verification
        make test
    scope
        src
    contract: token
    instructions: Instructions of 1.

What a human does:
item 2: Title of 2 (orchestrator, after 1)
    scope
        src
    instructions: Instructions of 2.
    human task, do: Do 2 by hand.
    human task, expect: what you saw
    human task, kind: decision

Contracts:
contract token: backend → mobile
    shape: POST /token → {token}"""
    )


@pytest.mark.parametrize("by_then", ["pending", "sent"])
def test_an_edit_while_the_lead_plans_again_stays(by_then: str) -> None:
    story = gated(*(task(*one) for one in TASKS), task("3", "mobile", "2"))
    if by_then == "pending":
        story.tell(msg.Ask(agent=LEAD, text="What do you think?"))
    story.answers("revise", "mobile first")
    edited = changed(plan_of(story), "2", verification=("make lint",))
    edited = replace(edited, items=edited.items[:2])
    (planned,) = story.tell(msg.PlanRead(plan=edited))
    assert isinstance(planned, e.PlanEdited)
    if by_then == "pending":
        story.finishes(LEAD)
    said = plan_said(task("2", "mobile"), task("1", "backend", "2"), task("3", "mobile", "2"))
    story.finishes(LEAD, said)
    assert [(one.id, one.depends, one.verification) for one in plan_of(story).items] == [
        ("2", (), ("make lint",)),
        ("1", ("2",), ("make test",)),
    ]
    assert (story.run.phase, story.run.base) == (PHASE.GATE, None)


def test_revise_has_the_lead_plan_again_with_the_words_of_the_human() -> None:
    story = gated()
    story.refuses(story.reply("revise"), UsageError, "revise wants the change that you wish as text")
    story.answers("revise", "mobile first")
    assert story.run.phase is PHASE.PLAN
    assert (story.turn(LEAD).purpose, story.turn(LEAD).text) == (m.Purpose.PLAN, "mobile first")
    story.finishes(LEAD, plan_said(task("1", "mobile"), objective="Mobile first"))
    assert (story.run.phase, story.the_checkpoint().id) == (PHASE.GATE, "C2")
    story.accepts()
    assert story.turn("mobile").item == "1"


def test_decline_ends_the_run() -> None:
    story = gated()
    story.answers("decline", "not now")
    assert story.run.end == m.RunEnd(
        story.now, m.RunOutcome.CANCELLED, "the plan was declined by ann: not now"
    )
    assert (story.opened(), [turn for turn in story.state.turns.values() if turn.over is None]) == ([], [])


def plan_of(story: Story) -> Plan:
    assert story.run.plan is not None
    return story.run.plan


def changed(plan: Plan, id: str, **changes: object) -> Plan:
    return replace(
        plan, items=tuple(replace(item, **changes) if item.id == id else item for item in plan.items)
    )


def test_what_plan_md_says_when_it_is_accepted_is_executed() -> None:
    story = gated()
    edited = changed(plan_of(story), "2", depends=(), title="Mobile at once")
    shown = story.the_checkpoint()
    planned, renewed = story.tell(msg.PlanRead(plan=edited))
    changes = ("item 2: title Title of 2 → Mobile at once", "item 2: depends 1 → none")
    assert planned == e.PlanEdited(run="R1", plan=edited, changes=changes)
    assert isinstance(renewed, e.CheckpointChanged)
    assert (renewed.id, renewed.digest != shown.digest) == (shown.id, True)
    story.on(msg.PlanRead(plan=edited))
    late = msg.AnswerCheckpoint(id=shown.id, answer=m.Answer(choice="accept"), by="ann", digest=shown.digest)
    story.refuses(late, Refused, f"{shown.id} has changed since it was shown")
    story.accepts()
    assert {story.turn("backend").item, story.turn("mobile").item} == {"1", "2"}


def test_statuses_in_plan_md_are_shown_not_read() -> None:
    story = executing()
    story.on(msg.PlanRead(plan=changed(plan_of(story), "2", status=ItemStatus.DONE)))
    assert story.status("2") == ["pending"]


def test_an_edit_of_what_has_not_begun_takes_effect() -> None:
    story = executing(*(task(*one) for one in TASKS), task("3", "mobile", "2"))
    edited = changed(plan_of(story), "2", verification=("make lint",))
    new = PlanItem(id="4", title="Four", owner="mobile", depends=("1",), verification=("true",), scope=(".",))
    edited = replace(edited, items=(*edited.items[:2], new))
    (planned,) = story.tell(msg.PlanRead(plan=edited))
    assert isinstance(planned, e.PlanEdited)
    assert planned.plan == edited
    assert planned.changes[:4] == (
        "- item 3: Title of 3 (mobile, after 2)",
        "item 2: verification",
        "  - make test",
        "  + make lint",
    )
    assert list(story.run.items) == ["1", "2", "4"]
    story.finishes("backend")
    story.check_ends(passes=True)
    story.finishes("mobile")
    assert story.check().command == "make lint"


@pytest.mark.parametrize("edit", ["changed", "taken out"])
def test_an_edit_of_what_has_begun_is_refused(edit: str) -> None:
    story = executing()
    plan = plan_of(story)
    edited = (
        changed(plan, "1", title="Another")
        if edit == "changed"
        else changed(replace(plan, items=plan.items[1:]), "2", depends=())
    )
    story.refuses(msg.PlanRead(plan=edited), PlanError, f"item 1 has begun and cannot be {edit}")


def test_an_edit_that_cannot_be_executed_is_refused() -> None:
    story = gated()
    story.refuses(
        msg.PlanRead(plan=changed(plan_of(story), "2", owner="nobody")), PlanError, "item 2: unknown owner"
    )


def test_an_edit_without_a_run_or_a_plan_says_nothing() -> None:
    Story().on(msg.PlanRead(plan=Plan()))
    understood().on(msg.PlanRead(plan=Plan()))


def test_an_edit_comes_too_late_when_all_is_done() -> None:
    story = executing(task("1", "backend"))
    late = msg.PlanRead(plan=replace(plan_of(story), objective="Another"))
    story.finishes("backend")
    story.check_ends(passes=True)
    story.on(late)
    story.check_ends(passes=True)
    story.on(late)
    story.finishes(LEAD, "Done.")
    story.on(late)
