"""The Context Pack from options and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmuxorch.cli.context import pack
from tmuxorch.errors import UsageError

PACK = {
    "Goal": "one plan",
    "Non-goals": "no rewrite",
    "Pointers": "src/a.py\nsrc/b.py",
    "Success check": "make test",
}

YAML = "goal: one plan\nnon-goals: no rewrite\nPointers: [src/a.py, src/b.py]\nsuccess check: make test\n"

MARKDOWN = """# Context
About the parser.

Goal: one plan
**Non-goals:** no rewrite
## Pointers
src/a.py
src/b.py
- Success check: make test
"""


def test_files_and_pairs_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(YAML)
    (tmp_path / "pack.md").write_text(MARKDOWN)
    assert pack(["pack.yaml"], tmp_path) == PACK
    assert pack(["pack.md"], tmp_path) == PACK
    assert pack([f"{key}={text}" for key, text in PACK.items()], tmp_path) == PACK


def test_later_ones_win(tmp_path: Path) -> None:
    (tmp_path / "pack.md").write_text("Goal: old\nConstraints: none\n")
    assert pack(["pack.md", "goal=new"], tmp_path) == {"Goal": "new", "Constraints": "none"}
    assert pack(["goal=new", "pack.md"], tmp_path) == {"Goal": "old", "Constraints": "none"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("gaol=x", "gaol"),
        ("nowhere.md", "neither a file"),
        ("empty.md", "names none"),
        ("wrong.yaml", "gaol"),
    ],
)
def test_what_is_no_context(tmp_path: Path, given: str, message: str) -> None:
    (tmp_path / "empty.md").write_text("Nothing of it: here\n")
    (tmp_path / "wrong.yaml").write_text("gaol: x\n")
    with pytest.raises(UsageError, match=message):
        pack([given], tmp_path)
