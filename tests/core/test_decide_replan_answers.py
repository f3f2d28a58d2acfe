"""What a human makes of a change of the plan, and what comes between."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import executing, task, work_said
from tests.core.test_decide_replan import (
    NEW_SHAPE,
    TASKS,
    change_said,
    changed_second,
    contract_changed,
    item_of,
    of,
    plan_of,
    proposed,
)
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, ContractStatus, Plan, PlanItem
from tmuxorch.errors import UsageError


def test_an_accepted_change_is_the_plan_and_nothing_is_held_any_more() -> None:
    story = proposed()
    proposal = story.run.replan and story.run.replan.proposal
    events = story.answers("accept")
    assert of(events, e.PlanEdited)[0].plan == proposal
    assert of(events, e.PlanEdited)[0].by == "ann"
    assert of(events, e.ItemFlagged) == [e.ItemFlagged(run="R1", item="2", reason="")]
    assert of(events, e.ReplanSettled) == [e.ReplanSettled(run="R1", accepted=True, by="ann")]
    assert plan_of(story).contracts[0].shape == NEW_SHAPE
    assert (story.run.replan, story.run.contract_changes, story.run.base) == (None, {}, None)
    story.check_ends(passes=True)
    assert m.contract_status(story.run, "token") is ContractStatus.KEPT
    story.finishes("mobile")
    story.check_ends(passes=True)
    assert story.turn("mobile").item == "2"


def test_a_plan_that_is_kept_goes_on_as_it_was() -> None:
    story = proposed()
    before = plan_of(story)
    story.answers("keep")
    assert (plan_of(story), story.run.replan, story.run.holds) == (before, None, frozenset())
    assert story.run.contract_changes == {"token": NEW_SHAPE}
    assert story.run.items["2"].flag == ""


def test_revise_has_the_lead_propose_again_with_the_words_of_the_human() -> None:
    story = proposed()
    story.refuses(story.reply("revise"), UsageError, "revise wants")
    story.answers("revise", "and tell the users")
    assert (story.turn(LEAD).purpose, story.turn(LEAD).text) == (m.Purpose.REPLAN, "and tell the users")
    assert (story.opened(), story.run.holds) == ([], frozenset({"2"}))
    story.finishes(LEAD, change_said(*changed_second(instructions="Mind until, and tell the users.")))
    story.answers("accept")
    assert item_of(story, "2").instructions == "Mind until, and tell the users."


def test_abort_ends_the_run_and_leaves_everything_as_it_is() -> None:
    story = proposed()
    before = plan_of(story)
    story.answers("abort")
    assert (story.run.phase, plan_of(story)) == (m.Phase.REPORT, before)
    assert story.opened() == []


def test_everything_that_is_not_held_goes_on_meanwhile() -> None:
    story = proposed()
    story.check_ends(passes=True)
    assert story.status("1", "2", "3", "4") == ["done", "pending", "running", "running"]
    for child in ("mobile", "backend"):
        story.finishes(child)
        story.check_ends(passes=True)
    assert story.status("3", "4") == ["done", "done"]
    assert story.run.phase is m.Phase.EXECUTE
    story.answers("accept")
    assert story.status("2") == ["running"]


def test_what_the_change_alters_does_not_begin_before_it_is_decided_on() -> None:
    altered = tuple(replace(one, risk="old tokens") if one.id == "4" else one for one in TASKS)
    story = proposed(*altered)
    story.check_ends(passes=True)
    assert (story.run.holds, story.status("4")) == (frozenset({"2", "4"}), ["pending"])
    story.answers("keep")
    assert story.status("4") == ["running"]


def test_a_run_whose_work_is_done_waits_for_the_change() -> None:
    story = executing(task("1", "backend", contract="token"))
    story.finishes("backend", work_said(token=NEW_SHAPE))
    story.check_ends(passes=True)
    assert (story.run.phase, story.status("1")) == (m.Phase.EXECUTE, ["done"])
    story.finishes(
        LEAD, change_said(task("1", "backend", contract="token"), task("2", "mobile", contract="token"))
    )
    story.answers("accept")
    story.finds_places()
    assert story.status("1", "2") == ["done", "running"]


@pytest.mark.parametrize("so_far", ["asked", "proposed", "failed"])
def test_a_new_cause_joins_those_before(so_far: str) -> None:
    story = contract_changed()
    if so_far == "proposed":
        story.finishes(LEAD, change_said(*changed_second(risk="r")))
    elif so_far == "failed":
        story.fails(LEAD)
    outdated = story.turn(LEAD) if so_far == "asked" else None
    plan = plan_of(story)
    edited = replace(plan, contracts=(replace(plan.contracts[0], shape="by hand"),))
    story.tell(msg.PlanRead(plan=edited))
    if outdated:
        story.begins(LEAD)
        story.finishes(LEAD, change_said(*TASKS))
        assert story.run.replan is not None
        assert story.run.replan.proposal is None
    assert story.opened() == []
    assert story.run.replan is not None
    assert story.run.replan.number == 1
    assert story.run.replan.causes == (
        "the contract token was changed by item 1: it expires",
        "the contract token was changed by plan.md: its shape was edited by hand",
    )
    story.finishes(LEAD, change_said(*changed_second(risk="both")))
    assert "edited by hand" in story.the_checkpoint().card.body
    story.answers("accept")
    assert plan_of(story).contracts[0].shape == "by hand"


def with_second(plan: Plan, **changes: object) -> Plan:
    return replace(plan, items=tuple(replace(i, **changes) if i.id == "2" else i for i in plan.items))


def test_an_edit_while_a_change_is_open_is_in_it() -> None:
    story = proposed()
    shown = story.the_checkpoint()
    events = story.tell(msg.PlanRead(plan=with_second(plan_of(story), verification=("make lint",))))
    assert [type(event) for event in events] == [e.PlanEdited, e.ReplanProposed]
    assert (story.the_checkpoint(), "make lint" in shown.card.body) == (shown, False)
    events = story.tell(msg.PlanRead(plan=with_second(plan_of(story), instructions="By hand.", risk="much")))
    assert [type(event) for event in events] == [e.PlanEdited, e.ReplanProposed, e.CheckpointChanged]
    assert (story.the_checkpoint().id, "Mind until." in story.the_checkpoint().card.body) == (shown.id, False)
    story.answers("accept")
    second = item_of(story, "2")
    assert (second.verification, second.instructions, second.risk) == (("make lint",), "By hand.", "much")


def test_an_edit_before_the_change_comes_is_in_it() -> None:
    story = contract_changed()
    new = PlanItem(
        id="9", title="By hand", owner="mobile", depends=("2",), verification=("true",), scope=(".",)
    )
    plan = plan_of(story)
    story.tell(msg.PlanRead(plan=replace(plan, items=(*plan.items, new))))
    story.finishes(LEAD, change_said(*changed_second(risk="old tokens")))
    story.answers("accept")
    assert [one.id for one in plan_of(story).items] == ["1", "2", "3", "4", "9"]


def test_a_change_that_does_not_fit_an_edit_goes_back_to_the_lead() -> None:
    story = proposed(*TASKS, task("5", "mobile", "4"))
    plan = plan_of(story)
    fewer = replace(plan, items=tuple(one for one in plan.items if one.id != "4"))
    story.tell(msg.PlanRead(plan=fewer))
    assert story.opened() == []
    assert story.turn(LEAD).text == "item 5: it depends on '4', which is no item"
    story.finishes(LEAD, change_said(*TASKS[:3], task("5", "mobile", "2")))
    story.answers("accept")
    assert [one.id for one in plan_of(story).items] == ["1", "2", "3", "5"]
