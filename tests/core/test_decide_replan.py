"""A change of the plan while it is executed: what asks for one, what the lead may propose, what a human makes of it."""

from __future__ import annotations

from typing import TypeVar

import pytest
from msgspec import json
from msgspec.structs import replace

from tests.core.play import Story, executing, gated, plan_said, task, work_said
from tmuxorch.core import answers as a
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, ContractStatus, Plan, PlanItem
from tmuxorch.errors import UsageError

T = TypeVar("T")
NEW_SHAPE = "POST /token → {token, until}"
TASKS = (
    task("1", "backend", contract="token"),
    task("2", "mobile", contract="token"),
    task("3", "mobile"),
    task("4", "backend", "1"),
)
"""Backend makes the contract, item 2 uses it and so waits; 3 goes on at once, 4 after 1."""


def change_said(*tasks: a.ItemAnswer, contracts: tuple[a.ContractAnswer, ...] = ()) -> str:
    """The lead's answer to a replan turn."""
    said = json.decode(plan_said(*tasks), type=a.ReplanAnswer)
    return json.encode(replace(said, contracts=contracts)).decode()


def at_work(settings: msg.Settings | None = None) -> Story:
    """Items 1 and 3 are worked on."""
    story = executing(*TASKS, settings=settings)
    assert story.status("1", "2", "3", "4") == ["running", "pending", "running", "pending"]
    return story


def contract_changed(settings: msg.Settings | None = None) -> Story:
    """Item 1 has changed the contract; the lead is asked for a change of the plan."""
    story = at_work(settings)
    story.finishes("backend", work_said(token=NEW_SHAPE))
    return story


def changed_second(**changes: object) -> tuple[a.ItemAnswer, ...]:
    return tuple(replace(one, **changes) if one.id == "2" else one for one in TASKS)


def proposed(*tasks: a.ItemAnswer) -> Story:
    """The lead has proposed a change: by default item 2 with other instructions."""
    story = contract_changed()
    story.finishes(LEAD, change_said(*(tasks or changed_second(instructions="Mind until."))))
    assert story.run.replan is not None
    assert story.run.replan.proposal is not None
    return story


def plan_of(story: Story) -> Plan:
    assert story.run.plan is not None
    return story.run.plan


def item_of(story: Story, id: str) -> PlanItem:
    found = plan_of(story).item(id)
    assert found is not None
    return found


def of(events: list[e.Event], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


# -- what asks for a change


def test_a_contract_that_its_maker_changed_flags_and_holds_who_uses_it() -> None:
    story = at_work()
    events = story.finishes("backend", work_said(token=NEW_SHAPE))
    reason = "the contract token was changed by item 1: it expires"
    assert of(events, e.ContractChanged) == [
        e.ContractChanged(run="R1", contract="token", shape=NEW_SHAPE, by="item 1", why="it expires")
    ]
    assert of(events, e.ItemFlagged) == [e.ItemFlagged(run="R1", item="2", reason=reason)]
    assert of(events, e.ReplanWanted) == [e.ReplanWanted(run="R1", cause=reason, holds=("2",))]
    assert (story.turn(LEAD).purpose, story.turn(LEAD).writes) == (m.Purpose.REPLAN, False)
    story.check_ends(passes=True)
    assert story.status("1", "2", "3", "4") == ["done", "pending", "running", "running"]
    assert m.contract_status(story.run, "token") is ContractStatus.CHANGED


def test_who_uses_it_is_flagged_though_it_has_begun() -> None:
    story = executing(
        task("1", "backend", contract="token"),
        task("2", "mobile", contract="token"),
        task("3", "backend", "2"),
    )
    story.finishes("backend", work_said())
    story.check_ends(passes=True)
    assert story.status("2") == ["running"]
    plan = plan_of(story)
    edited = replace(plan, contracts=(replace(plan.contracts[0], shape=NEW_SHAPE),))
    events = story.tell(msg.PlanRead(plan=edited))
    assert of(events, e.ContractChanged) == [
        e.ContractChanged(
            run="R1", contract="token", shape=NEW_SHAPE, by="plan.md", why="its shape was edited by hand"
        )
    ]
    assert [(one.item, bool(one.reason)) for one in of(events, e.ItemFlagged)] == [("2", True)]
    assert (story.run.holds, story.status("2")) == (frozenset(), ["running"])


@pytest.mark.parametrize(
    "said",
    ["I did it.", work_said(), work_said(token="POST /token → {token}"), work_said(other=NEW_SHAPE)],
)
def test_nothing_is_looked_at_again_when_no_contract_has_changed(said: str) -> None:
    story = at_work()
    story.finishes("backend", said)
    assert (story.run.replans, story.run.contract_changes) == (0, {})


def test_who_only_uses_a_contract_cannot_change_it() -> None:
    story = at_work()
    story.finishes("mobile", work_said(token=NEW_SHAPE))
    assert story.run.replans == 0


def test_a_contract_whose_files_another_item_touched_has_changed() -> None:
    story = gated(*TASKS)
    plan = plan_of(story)
    story.tell(msg.PlanRead(plan=replace(plan, contracts=(replace(plan.contracts[0], paths=("src/api",)),))))
    story.accepts()
    story.finishes("backend", work_said(), touched=("src/api/token.json",))
    assert story.run.replans == 0
    story.check_ends(passes=True)
    events = story.finishes("backend", work_said(), touched=("src/api/token.json", "src/x"))
    (change,) = of(events, e.ContractChanged)
    assert (change.contract, change.by) == ("token", "item 4")
    assert change.why.startswith("src/api/token.json differs")
    assert change.shape == plan.contracts[0].shape
    story.check_ends(passes=False)
    again = story.finishes("backend", work_said(), touched=("src/api/token.json",))
    assert of(again, e.ContractChanged) == []


def test_a_failure_for_which_a_human_wants_another_plan() -> None:
    story = executing(task("1", "backend"), task("2", "mobile", "1"))
    for _ in range(2):
        story.finishes("backend")
        story.check_ends(passes=False)
    story.answers("replan", "the test is wrong")
    assert story.run.replan is not None
    assert story.run.replan.causes == ("item 1 fails its check after a fix: the test is wrong",)
    assert (story.run.holds, story.status("1")) == (frozenset({"1"}), ["pending"])
    story.finishes(
        LEAD, change_said(task("1", "backend", verification=("make check",)), task("2", "mobile", "1"))
    )
    assert "  - make test" in story.the_checkpoint().card.body
    story.answers("accept")
    assert story.status("1") == ["running"]
    story.finishes("backend")
    assert story.check().command == "make check"


def test_a_contract_stands_where_the_items_are_that_make_it() -> None:
    story = gated(*TASKS)
    stands = [m.contract_status(story.run, "token")]
    story.answers("accept")
    stands.append(m.contract_status(story.run, "token"))
    story.finds_places()
    stands.append(m.contract_status(story.run, "token"))
    story.finishes("backend", work_said())
    story.check_ends(passes=True)
    stands.append(m.contract_status(story.run, "token"))
    assert stands == ["proposed", "agreed", "changing", "kept"]


# -- what the lead proposes


def test_the_change_is_shown_as_a_difference_and_nothing_is_applied() -> None:
    story = contract_changed()
    before = plan_of(story)
    story.finishes(LEAD, change_said(*changed_second(instructions="Mind until."), task("5", "mobile", "2")))
    gate = story.the_checkpoint()
    assert gate.origin == m.FromReplan("R1", 1)
    assert (
        gate.card.body
        == """Why:
  the contract token was changed by item 1: it expires

What changes:
  item 2: instructions Instructions of 2. → Mind until.
  + item 5: Title of 5 (mobile, after 2)
      verification
          make test
      scope
          src
      instructions: Instructions of 5.
  contract token: shape POST /token → {token} → POST /token → {token, until}
  risks
    - the token's format"""
    )
    assert gate.blocks == ("2",)
    assert plan_of(story) == before


def test_the_lead_is_told_what_is_wrong_with_its_change_and_at_last_a_human_is() -> None:
    story = contract_changed(msg.Settings(plan_repairs=1))
    begun = tuple(replace(one, title="Another") if one.id == "1" else one for one in TASKS)
    (refused,) = of(story.finishes(LEAD, change_said(*begun)), e.ReplanRefused)
    assert refused.problems == ("item 1 has begun and cannot be changed",)
    assert (story.turn(LEAD).id, story.turn(LEAD).text) == (refused.turn, refused.problems[0])
    story.finishes(LEAD, change_said(*TASKS[:2]))
    card = story.the_checkpoint().card
    assert card.title == "the lead gave no change of the plan that can be executed, in 2 tries"
    assert card.body == "item 3 has begun and cannot be taken out"
    assert [choice.key for choice in card.choices] == ["retry", "instruct", "keep", "abort"]
    story.refuses(story.reply("instruct"), UsageError, "instruct wants what you wish of the change as text")
    story.answers("instruct", "leave 1 and 3 alone")
    assert story.turn(LEAD).text == "leave 1 and 3 alone"
    story.finishes(LEAD, change_said(*changed_second(risk="old tokens")))
    story.answers("accept")
    assert item_of(story, "2").risk == "old tokens"


def test_a_turn_of_the_lead_that_fails_is_a_matter_for_a_human() -> None:
    story = contract_changed()
    story.fails(LEAD)
    assert story.the_checkpoint().card.title == "replan turn of orchestrator: failed"
    story.answers("retry")
    assert story.turn(LEAD).purpose is m.Purpose.REPLAN
    story.fails(LEAD)
    story.answers("keep")
    assert (story.run.replan, story.run.holds) == (None, frozenset())


def test_the_lead_may_name_another_shape_and_another_contract() -> None:
    story = contract_changed()
    mended = a.ContractAnswer(
        name="token", producer="backend", consumers=("mobile",), shape="{a}", paths=("api",)
    )
    added = a.ContractAnswer(name="expiry", producer="backend", consumers=("mobile",), shape="seconds")
    story.finishes(LEAD, change_said(*changed_second(contract="expiry"), contracts=(added, mended)))
    story.answers("accept")
    assert [(one.name, one.shape, one.paths) for one in plan_of(story).contracts] == [
        ("token", "{a}", ("api",)),
        ("expiry", "seconds", ()),
    ]
