"""Who leads is told tools by their names, also by parts that do not know the tools: each of these names is one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tmuxorch
from tmuxorch.mcp.tools import TOOLS

PACKAGE = Path(tmuxorch.__file__).parent
DOCUMENTS = (PACKAGE / "skill" / "SKILL.md", PACKAGE.parent / "docs" / "lead.md")
NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
OTHERS = {"your_move", "update_plan", "allow_full"}
"""What is named in the same way and is no tool of ours."""


def named(file: Path) -> set[str]:
    """What has the form of a tool's name in a document's marked words, or in what a module says."""
    return {name for words in _words(file) for name in NAME.findall(words)}


def _words(file: Path) -> Iterator[str]:
    text = file.read_text()
    if file.suffix == ".md":
        yield from re.findall(r"`([^`\n]+)`", text)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize(
    "file",
    [
        *(PACKAGE / name for name in ("core/decide/led.py", "core/decide/lead.py", "core/evolve/news.py")),
        *DOCUMENTS,
    ],
    ids=lambda file: file.name,
)
def test_what_is_named_is_a_tool(file: Path) -> None:
    assert named(file)
    assert named(file) - OTHERS <= TOOLS.keys()


def test_every_tool_is_in_the_skill() -> None:
    told = DOCUMENTS[0].read_text()
    assert [name for name in TOOLS if f"`{name}" not in told] == []
