"""Every story has what the demo and the tests begin it with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.cli import kickoff
from tmuxorch.cli.demo import demo
from tmuxorch.core.model import CheckpointKind
from tmuxorch.demo.stories import STORIES, Story
from tmuxorch.store import config


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_story_is_whole(story: Story) -> None:
    begun = kickoff.parse(story.kickoff, Path("/p"))
    children = {child.name: child.directory(Path("/p")) for child in config.read(story.config, "f").children}
    assert begun.problem
    assert begun.children == children
    assert sorted(children) == [path.stem for path in story.histories]
    assert set(story.extras.answers) <= set(CheckpointKind)


def test_the_demo_plays_every_story() -> None:
    (option,) = (one for one in demo.params if one.name == "story")
    assert list(STORIES) == list(getattr(option.type, "choices", ()))
