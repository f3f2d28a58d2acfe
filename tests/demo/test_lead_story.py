"""The lead's story without Codex: what the lead does when it is woken."""

from __future__ import annotations

import pytest

from tmuxorch.codex import prompts
from tmuxorch.demo import scenario, script
from tmuxorch.demo.conversation import Conversation, Prompt
from tmuxorch.demo.stories import LEAD

RULES = scenario.load(LEAD.scripts)

DONE = "- item 1 (backend) is done: the contract is published"
ANSWERED = "- C3 was answered by ada (checkpoints window, pts/5): answer=SN-7 (get_checkpoint C3)"

SAYS = {"get_checkpoint": '{"values":{"answer":"SN-7"}}', "run_pattern": '{"id":"P1"}'}
"""What tools say; the others nothing that matters."""


def woken(*news: str) -> tuple[list[str], str]:
    """The tools that the lead calls when it is told that in one turn, and its last words."""
    tools: list[str] = []
    while True:
        outputs = tuple(SAYS.get(tool, "{}") for tool in tools)
        asked = Prompt(prompts.wake("\n".join(news)), opens_turn=True, outputs=outputs)
        talk = Conversation("thread", "/p", wants_title=False, size=0, characters=0, prompts=(asked,))
        (output,) = script.answer(RULES, talk, lambda *place: False).outputs
        if isinstance(output, scenario.Message):
            return tools, output.text
        assert isinstance(output, scenario.Mcp)
        tools.append(output.tool)


@pytest.mark.parametrize("news", [(DONE, ANSWERED), (ANSWERED, DONE)], ids=["done first", "answered first"])
def test_nothing_is_left_undone_of_two_things_that_are_told_at_once(news: tuple[str, str]) -> None:
    tools, words = woken(*news)
    assert tools == ["get_checkpoint", "run_pattern", "start_items"]
    assert words == "(scripted) It is the device SN-7. P1 reviews all of it, and item 2 begins."
