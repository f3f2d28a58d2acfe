"""What the lead is told about the plan, from the state."""

from __future__ import annotations

from msgspec import json

from tests.core.play import Story, gated, plan_said, task, understood
from tests.core.test_decide_replan import NEW_SHAPE, TASKS, change_said, contract_changed
from tmuxorch.controller import prompting
from tmuxorch.core import model as m
from tmuxorch.core.answers import ReplanAnswer
from tmuxorch.core.plan import LEAD


async def told(story: Story, agent: str = LEAD) -> str:
    return await prompting.prompt(story.state, story.turn(agent), {})


def plan_in(prompt: str) -> ReplanAnswer:
    """The plan that a prompt shows, in the form of the answer."""
    begin = prompt.index("\n{\n")
    return json.decode(prompt[begin : prompt.index("\n}\n", begin) + 2], type=ReplanAnswer)


async def test_the_first_plan_is_asked_for_with_contracts_and_owners() -> None:
    prompt = await told(understood())
    assert prompt.startswith("# tmuxorch: plan\n")
    assert "- token: backend → mobile: POST /token → {token}\n" in prompt
    assert "- owner is one of `backend`, `mobile`, `orchestrator`;" in prompt
    assert "The plan so far" not in prompt


async def test_another_plan_is_asked_for_with_the_one_so_far_and_the_wish() -> None:
    story = gated()
    story.answers("revise", "mobile first")
    prompt = await told(story)
    assert "A human wishes of the plan:\nmobile first\n" in prompt
    assert [item.id for item in plan_in(prompt).items] == ["1", "2"]


async def test_a_refused_plan_comes_back_with_exactly_what_is_wrong() -> None:
    story = understood()
    story.finishes(LEAD, plan_said(task("1", "frontend")))
    prompt = await told(story)
    assert prompt.startswith("# tmuxorch: plan repair 1\n\nThe plan cannot be used:\n- item 1: unknown owner")


async def test_a_change_is_asked_for_with_its_causes_and_how_far_things_are() -> None:
    story = contract_changed()
    prompt = await told(story)
    assert prompt.startswith("# tmuxorch: replan\n")
    assert "> the contract token was changed by item 1: it expires\n" in prompt
    assert "- item 1: running, has begun, 1 attempts\n" in prompt
    assert (
        "- item 2: pending, has not begun; the contract token was changed by item 1: it expires\n" in prompt
    )
    assert f"- token: backend → mobile: {NEW_SHAPE}\n" in prompt
    assert [item.title for item in plan_in(prompt).items] == [item.title for item in TASKS]
    # What is told, given back as it is, is a change of nothing.
    story.finishes(LEAD, json.encode(plan_in(prompt)).decode())
    assert story.the_checkpoint().card.body.endswith(f"POST /token → {{token}} → {NEW_SHAPE}")


async def test_a_change_that_is_refused_or_revised_is_asked_for_with_the_words() -> None:
    story = contract_changed()
    story.finishes(LEAD, change_said(*TASKS[:2], TASKS[3]))
    prompt = await told(story)
    assert prompt.startswith("# tmuxorch: replan repair 1\n\nThe plan cannot be used:\n- item 3 has begun")
    story.finishes(LEAD, change_said(*TASKS))
    story.answers("revise", "and tell the users")
    assert "A human wishes of the change:\nand tell the users" in await told(story)


async def test_who_uses_a_contract_is_told_its_shape_as_it_is_in_truth() -> None:
    story = contract_changed()
    story.finishes(LEAD, change_said(*TASKS))
    story.answers("keep")
    story.check_ends(passes=True)
    story.finishes("mobile")
    story.check_ends(passes=True)
    assert m.item_status(story.state, story.run, "2") == "running"
    assert f"to be kept to the letter:\ntoken: {NEW_SHAPE}\n" in await told(story, "mobile")
