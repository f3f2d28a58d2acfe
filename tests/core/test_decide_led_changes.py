"""Changes of the plan of a led run: what its lead is told, what it may propose, what a human makes of it."""

from __future__ import annotations

from msgspec import json
from msgspec.structs import replace

from tests.core.play import Story, task, work_said
from tests.core.play_led import TOKEN, executing, of, orders, proved, revises, said, untold
from tmuxorch.core import answers as a
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, Plan
from tmuxorch.errors import PlanError, Refused, UsageError

NEW_SHAPE = "POST /token → {token, until}"
TASKS = (
    task("1", "backend", contract="token"),
    task("2", "mobile", contract="token"),
    task("3", "mobile"),
    task("4", "backend", "1"),
)
"""Backend makes the contract, item 2 uses it and so waits; 3 goes on at once, 4 after 1."""

MINDS = tuple(replace(one, instructions="Mind until.") if one.id == "2" else one for one in TASKS)


def at_work() -> Story:
    """Items 1 and 3 are worked on, 2 and 4 are ordered."""
    story = executing(*TASKS, contracts=(TOKEN,))
    orders(story, "1", "2", "3", "4")
    assert story.status("1", "2", "3", "4") == ["running", "pending", "running", "pending"]
    return story


def contract_changed() -> Story:
    """Item 1 has changed the contract: item 2 is held, and who leads is told."""
    story = at_work()
    story.finishes("backend", work_said(token=NEW_SHAPE))
    assert story.run.holds == {"2"}
    return story


def plan_of(story: Story) -> Plan:
    assert story.run.plan is not None
    return story.run.plan


def proposed(story: Story) -> Plan:
    """The change that a human is asked about."""
    assert story.run.replan is not None
    assert story.run.replan.proposal is not None
    return story.run.replan.proposal


def body(story: Story) -> str:
    return story.the_checkpoint().card.body


def test_a_changed_contract_is_told_to_who_leads_and_its_change_goes_to_a_human() -> None:
    story = contract_changed()
    cause = "the contract token was changed by item 1: it expires"
    told = f"the plan of R1 has to be looked at again (revise_plan): {cause}"
    assert (told, True) in [(one.text, one.wakes) for one in story.state.news]
    assert (story.opened(), story.run.replans) == ([], 1)
    story.check_ends(passes=True)
    story.tell(msg.Tick())
    assert story.status("1", "2", "3", "4") == ["done", "pending", "running", "running"]
    revises(story, said(*MINDS))
    assert body(story).startswith(
        "Why:\n  the contract token was changed by item 1: it expires\n\nWhat changes:\n"
    )
    assert "  item 2: instructions Instructions of 2. → Mind until." in body(story)
    assert story.the_checkpoint().origin == m.FromReplan("R1", 1)
    story.answers("accept")
    assert (story.run.replan, story.run.holds, story.run.items["2"].flag) == (None, frozenset(), "")
    assert plan_of(story).contracts[0].shape == NEW_SHAPE
    proved(story, "mobile")
    assert story.turn("mobile").item == "2"
    assert untold(story) == []


def test_who_leads_wants_a_change_by_itself_for_a_reason() -> None:
    story = at_work()
    lone = msg.RevisePlan(plan=said(*MINDS), reason=" ", by=LEAD)
    story.refuses(lone, UsageError, "a change of the plan wants a reason")
    same = replace(lone, plan=said(*TASKS), reason="just so")
    story.refuses(same, UsageError, "the plan is the same as the one in force")
    before = story.state.news_count
    revises(story, said(*MINDS), "mobile has to \x1b[31mmind")
    assert not [one for one in story.state.news if one.wakes and one.number > before]
    assert body(story).startswith("Why:\n  mobile has to mind\n")
    revises(story, said(*TASKS, task("5", "mobile", "2")), "and 5 comes too")
    assert body(story).startswith("Why:\n  mobile has to mind\n  and 5 comes too\n")


def test_what_is_wrong_with_a_change_is_said_and_nothing_is_recorded() -> None:
    story = at_work()
    begun = (replace(TASKS[0], title="Another"), *TASKS[1:])
    for plan, wrong in (
        (said(*begun), "item 1 has begun and cannot be changed"),
        (said(*TASKS[:3], task("4", "nobody")), "item 4: unknown owner 'nobody'"),
        ("no plan", "the answer is not the JSON asked for"),
    ):
        story.refuses(msg.RevisePlan(plan=plan, reason="r", by=LEAD), PlanError, wrong)
    early = msg.RevisePlan(plan=said(), reason="r", by=LEAD)
    gate = executing()
    gate.tell(msg.CancelRun(run="R1", by="ann"))
    gate.refuses(early, Refused, "there is no run")


def test_a_cause_may_need_no_change() -> None:
    story = contract_changed()
    revises(story, json.encode(a.as_answer(plan_of(story), a.ReplanAnswer)).decode())
    assert "contract token: shape" in body(story)
    story.answers("keep")
    assert (story.run.replan, story.run.holds) == (None, frozenset())
    told = "the change of the plan was turned down by ann"
    assert (told, True) in [(one.text, one.wakes) for one in story.state.news]


def test_a_human_wishes_another_change() -> None:
    story = contract_changed()
    revises(story, said(*MINDS))
    story.refuses(story.reply("revise"), UsageError, "revise wants what you wish of the change as text")
    story.answers("revise", "say why")
    assert story.opened() == []
    assert story.run.replan is not None
    assert story.run.replan.causes[1:] == ("ann wishes: say why",)
    assert story.run.holds >= {"2"}
    told = [one for one in story.state.news if one.text.endswith("ann wishes: say why")]
    assert [one.wakes for one in told] == [True]
    revises(story, said(*MINDS))
    assert story.the_checkpoint().id == "C3"
    story.answers("abort")
    assert story.run.verdict is m.RunOutcome.FAILED


def test_another_cause_takes_the_change_back_and_who_leads_is_told_again() -> None:
    story = contract_changed()
    revises(story, said(*MINDS))
    first = story.the_checkpoint()
    plan = plan_of(story)
    story.tell(msg.PlanRead(plan=replace(plan, contracts=(replace(plan.contracts[0], shape="GET /token"),))))
    assert isinstance(story.state.checkpoints[first.id].state, m.Lapsed)
    assert (story.opened(), untold(story)) == ([], [])
    assert story.run.replan is not None
    assert (story.run.replan.proposal, len(story.run.replan.causes)) == (None, 2)


def test_an_edit_by_hand_stays_in_the_change_and_one_that_does_not_fit_is_told() -> None:
    story = contract_changed()
    revises(story, said(*MINDS))
    for title in ("By hand", "By hand again"):
        items = (replace(one, title=title) if one.id == "2" else one for one in plan_of(story).items)
        story.tell(msg.PlanRead(plan=story.edited(tuple(items))))
        revises(story, said(*MINDS), f"once more, {title}")
        revises(story, said(*MINDS), f"and again, {title}")
        assert [(one.title, one.instructions) for one in proposed(story).items if one.id == "2"] == [
            (title, "Mind until.")
        ]
    revises(story, said(*TASKS[:3]), "4 is needless")
    edited = story.edited((*plan_of(story).items, replace(plan_of(story).items[3], id="5", depends=("4",))))
    story.tell(msg.PlanRead(plan=edited))
    assert story.opened() == []
    assert story.run.replan is not None
    assert story.run.replan.causes[-1] == (
        "plan.md was edited, and the change does not fit any more: item 5: it depends on '4', which is no item"
    )


def test_an_edit_by_hand_while_work_goes_on_wakes_who_leads() -> None:
    story = at_work()
    new = replace(plan_of(story).items[2], id="5")
    story.tell(msg.PlanRead(plan=story.edited((*plan_of(story).items, new))))
    assert (story.state.news[-1].text, story.state.news[-1].wakes) == (
        "plan.md of R1 was edited by hand: read it (get_plan)",
        True,
    )
    proved(story, "mobile")
    assert story.status("5") == ["ready"]


def test_a_failure_for_which_a_human_wants_another_plan() -> None:
    story = executing(task("1", "backend"), task("2", "mobile", "1"))
    orders(story, "1", "2")
    for _ in range(2):
        story.finishes("backend")
        story.check_ends(passes=False)
    events = story.answers("replan", "the test is wrong")
    assert [one.causes for one in [story.run.replan] if one] == [
        ("item 1 fails its check after a fix: the test is wrong",)
    ]
    assert of(events, e.ReplanAsked) == [e.ReplanAsked(run="R1", number=1, turn="")]
    assert (story.run.holds, story.status("1")) == (frozenset({"1"}), ["pending"])
    revises(story, said(task("1", "backend", verification=("make check",)), task("2", "mobile", "1")))
    story.answers("accept")
    story.finishes("backend")
    assert story.check().command == "make check"
