"""A mistake in a scenario is named with its place, before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.demo import scenario
from tmuxorch.demo.stories import LEAD, ONBOARDING, Story
from tmuxorch.errors import UsageError

RULE = """
rules:
  - match: '^(?P<who>a)'
    steps:
      - - {do: command, cmd: ls}
      - - """


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("rules: [", 1, "while parsing"),
        ("rules:\n  - match: a\n    stepz: []\n", 2, "unknown field `stepz`"),
        ("rules:\n  - match: a\n    steps: []\n    more: 1\n", 2, "unknown field `more`"),
        ("rules:\n  - match: (\n    steps: []\n", 2, "the pattern '(' is not valid"),
        ("rules: []\nspeed: 1\n", 1, "unknown field `speed`"),
        (RULE + "{do: message}", 6, "missing required field `text`"),
        (RULE + "{do: dance}", 6, "Invalid value 'dance'"),
        (RULE + "{do: message, txt: hello}", 6, "unknown field `txt`"),
        (RULE + "{do: message, text: 1}", 6, "Expected `str`, got `int`"),
        (RULE + "{do: message, text: hi, if_output: '['}", 6, "the pattern '[' is not valid"),
        (RULE + "{do: message, text: hello <<whom>>}", 3, "step 2: <<whom>> is no named group"),
        (RULE + "{do: message, text: 'a <<who:json>>'}", 3, "step 2: <<who:json>> must be the whole text"),
        (RULE + "{do: command, cmd: ls, until: '['}", 6, "the pattern '[' is not valid"),
        (RULE + "{do: message, text: hi, until: a}", 6, "unknown field `until`"),
        (RULE + "{do: fail, kind: bad_luck}", 6, "unknown kind 'bad_luck', known: rate_limited"),
        (RULE + "{do: message, text: hi}\n        - {do: fail, kind: quota}", 3, "must stand first"),
        (RULE + "{do: message, text: hi}\n      - - {do: command, cmd: ls}", 3, "step 2 calls no tool"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        scenario.parse(text, "my.yaml")
    assert raised.value.message.startswith(f"my.yaml:{line}: ")
    assert says in raised.value.message


def test_groups_of_the_rule_and_of_the_condition_may_be_used() -> None:
    text = RULE + '{do: message, text: "<<who>> <<what>> <<cwd>>", if_output: "(?P<what>.)"}'
    assert len(scenario.parse(text, "my.yaml").rules) == 1


def test_files_and_directories_are_joined_in_order(tmp_path: Path) -> None:
    for name, pace in (("b", 0.2), ("a", 0.1)):
        (tmp_path / f"{name}.yaml").write_text(f"pace: {pace}\nrules: [{{match: {name}, steps: []}}]")
    joined = scenario.load([tmp_path, tmp_path / "a.yaml"])
    assert [rule.match for rule in joined.rules] == ["a", "b", "a"]
    assert joined.pace == 0.2


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_nothing_to_read_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="scenario"):
        scenario.load([tmp_path / name])


@pytest.mark.parametrize("story", [ONBOARDING, LEAD], ids=lambda story: story.folder.name)
def test_every_text_of_a_story_that_a_person_reads_says_that_it_is_scripted(story: Story) -> None:
    for rule in scenario.load(story.scripts).rules:
        for output in (output for step in rule.steps for output in step):
            match output:
                case scenario.Message(text=text) | scenario.Reasoning(text=text):
                    assert "(scripted)" in text
                case scenario.Question(question=text) | scenario.Command(escalate=True, justification=text):
                    assert "(scripted)" in text
                case scenario.Mcp(arguments={"title": text}) | scenario.Mcp(arguments={"words": text}):
                    assert "(scripted)" in text
                case _:
                    pass
