"""Every story has what the demo and the tests begin it with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.cli import kickoff
from tmuxorch.cli.demo import demo
from tmuxorch.core import pattern_rules
from tmuxorch.core.model import CheckpointKind
from tmuxorch.demo.stories import REVIEW, STORIES, Story, Wanted
from tmuxorch.store import config
from tmuxorch.store.templates import Templates


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_is_whole(story: Story) -> None:
    children = {child.name: child.directory(Path("/p")) for child in config.read(story.config, "f").children}
    repos = [path.stem for path in story.histories]
    assert repos
    if story.extras.patterns:
        assert children == {}
        assert not (story.folder / "kickoff.md").exists()
        return
    begun = kickoff.parse(story.kickoff, Path("/p"))
    assert begun.problem
    assert begun.children == children
    assert set(children) <= set(repos)
    assert set(story.extras.answers) <= set(CheckpointKind)


@pytest.mark.parametrize("wanted", REVIEW.extras.patterns, ids=lambda wanted: wanted.name)
def test_the_patterns_of_a_story_can_be_run(wanted: Wanted) -> None:
    pattern = Templates(Path("/p"), {}).pattern(wanted.name)
    assert pattern_rules.given(pattern, wanted.given) == wanted.given
    assert wanted.worktree == any(step.edit for step in pattern.steps)
    first, _, repo = wanted.cd.partition("/")
    assert first == "repos"
    assert repo in ("", *(path.stem for path in REVIEW.histories))


def test_the_demo_plays_every_story() -> None:
    (option,) = (one for one in demo.params if one.name == "story")
    assert list(STORIES) == list(getattr(option.type, "choices", ()))
