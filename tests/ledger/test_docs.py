"""The examples of docs/formats.md are what is written and read."""

from __future__ import annotations

import re
from pathlib import Path

from tmuxorch.ledger import plan_md, runs_md

EXAMPLES = re.findall(
    r"^```markdown\n(.*?)^```$",
    (Path(__file__).parents[2] / "docs" / "formats.md").read_text(),
    re.MULTILINE | re.DOTALL,
)


def test_the_example_of_a_plan() -> None:
    assert plan_md.render(plan_md.parse(EXAMPLES[0])) == EXAMPLES[0]


def test_the_example_of_a_ledger() -> None:
    assert runs_md.render(runs_md.parse(EXAMPLES[1])) == EXAMPLES[1]
