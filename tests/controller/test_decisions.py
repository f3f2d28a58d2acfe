"""What humans decided reaches the items that it concerns, word for word."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.core.play import gated, task
from tests.core.test_decide_human import SECRET, given, waiting
from tmuxorch.controller import prompting
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import HumanKind
from tmuxorch.core.secrets import KEPT_BACK

LINES = "first: `x`\n\n  ```\n  code\n  ```\n\tlast  "


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("it is online", "- on item 1: it is online\n"),
        (LINES, f"- on item 1, word for word between the marks:\n````\n{LINES}\n````\n"),
        ("````\n`````", "- on item 1, word for word between the marks:\n``````\n````\n`````\n``````\n"),
    ],
)
async def test_word_for_word(said: str, told: str) -> None:
    story = waiting(HumanKind.DEVICE)
    given(story, m.Answer(values={"answer": said}))
    prompt = await prompting.prompt(story.state, story.turn("backend"), {})
    assert f"What a human has decided:\n{told}\n" in prompt


async def test_a_secret_is_in_the_prompt_and_nowhere_before_it() -> None:
    story = waiting(HumanKind.CREDENTIALS, secret=True)
    given(story, SECRET)
    prompt = await prompting.prompt(story.state, story.turn("backend"), {"1": "hunter2"})
    assert "- on item 1: hunter2\n" in prompt
    assert KEPT_BACK not in prompt


async def test_the_contract_is_the_one_of_the_plan_as_it_was_edited() -> None:
    story = gated(task("1", "backend", contract="token"))
    plan = story.run.plan
    assert plan is not None
    (contract,) = plan.contracts
    story.tell(msg.PlanRead(plan=replace(plan, contracts=(replace(contract, shape="{token, until}"),))))
    story.accepts()
    prompt = await prompting.prompt(story.state, story.turn("backend"), {})
    assert "token: {token, until}" in prompt
