"""Who is muted: a person's word and the configuration's, neither of which takes back the other's."""

from __future__ import annotations

import pytest

from tests.core.play import Story
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.muting import CONFIG
from tmuxorch.errors import NotFound, Refused


def mute(story: Story, name: str, muted: bool = True, by: str = "ann") -> list[str]:
    story.tell(msg.Mute(name=name, muted=muted, by=by))
    return sorted(story.state.muted)


@pytest.fixture
def story() -> Story:
    story = Story()
    for name in ("backend", "web"):
        story.tell(msg.AddAgent(name=name, path=f"/{name}"))
    story.tell(msg.QueueWorker(id="W1", spec=m.WorkerSpec(label="look", cwd="/backend")))
    return story


def test_muting_is_said_once_and_taken_back(story: Story) -> None:
    assert mute(story, "W1") == ["W1"]
    assert story.tell(msg.Mute(name="W1", muted=True, by="bob")) == []
    assert story.state.muted == {"W1": "ann"}
    assert mute(story, "backend") == ["W1", "backend"]
    assert mute(story, "W1", muted=False, by="bob") == ["backend"]
    assert story.tell(msg.Mute(name="W1", muted=False, by="bob")) == []


def test_whom_nobody_knows_cannot_be_muted(story: Story) -> None:
    with pytest.raises(NotFound, match="'wep'; there are: backend, web, W1"):
        mute(story, "wep")


def test_the_configuration_takes_back_its_own_word_alone(story: Story) -> None:
    assert mute(story, "web", by=CONFIG) == ["web"]
    with pytest.raises(Refused, match=CONFIG.replace(".", r"\.")):
        mute(story, "web", muted=False)
    assert mute(story, "web") == ["web"]
    assert mute(story, "web", muted=False, by=CONFIG) == []
    assert mute(story, "backend") == ["backend"]
    assert mute(story, "backend", muted=False, by=CONFIG) == ["backend"]
