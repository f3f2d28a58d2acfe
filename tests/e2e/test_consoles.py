"""The commands in the documents are what works, and print what the documents say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import consoles
from tests.e2e.conftest import Make
from tmuxorch.demo.stories import REVIEW

HERE = Path(consoles.__file__).parent


def test_the_commands_about_workers(make_project: Make) -> None:
    project = make_project(scenarios=[HERE / "workers.yaml"], story=REVIEW)
    assert not (wrong := consoles.play("workers.md", project)), "\n\n".join(wrong)


def test_the_commands_about_patterns(make_project: Make) -> None:
    project = make_project(scenarios=[REVIEW.script], story=REVIEW, pace=0)
    assert not (wrong := consoles.play("patterns.md", project)), "\n\n".join(wrong)


@pytest.mark.parametrize(
    ("told", "said", "holds"),
    [
        ("a  b", "a b\n", True),
        ("a … c", "a b b c\n", True),
        ("a … c", "a c\n", True),
        ("a … c", "a b\n", False),
        ("…\nlast", "first\nsecond\nlast\n", True),
        ("…\nlast", "last\nfirst\n", False),
        ("", "", True),
        ("", "something\n", False),
        ("a", "a\nmore\n", False),
    ],
)
def test_what_is_told_has_to_be_said(told: str, said: str, holds: bool) -> None:
    assert consoles.matches(told, said) == holds
