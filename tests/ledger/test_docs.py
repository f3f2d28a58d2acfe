"""The examples of the documents are what is written and read, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tmuxorch.ledger import plan_md, runs_md
from tmuxorch.store import config

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{one.name}" for one in sorted((ROOT / "docs").glob("*.md"))),
)


def fenced(document: str, language: str) -> list[str]:
    """The examples in that language, in their order."""
    text = (ROOT / document).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


EXAMPLES = fenced("docs/formats.md", "markdown")


def test_the_example_of_a_plan() -> None:
    assert plan_md.render(plan_md.parse(EXAMPLES[0])) == EXAMPLES[0]


def test_the_example_of_a_ledger() -> None:
    assert runs_md.render(runs_md.parse(EXAMPLES[1])) == EXAMPLES[1]


@pytest.mark.parametrize("document", ["README.md", "docs/commands.md", "docs/runs.md"])
def test_the_examples_of_a_configuration(document: str) -> None:
    found = [text for text in fenced(document, "yaml") if re.search("^children:", text, re.MULTILINE)]
    assert found
    for text in found:
        assert config.read(text, document).children


def test_what_is_told_to_be_a_default_is_one() -> None:
    """The last configuration of docs/runs.md shows what counts where a key is left out."""
    told, unset = config.read(fenced("docs/runs.md", "yaml")[-1], "docs/runs.md"), config.Config()
    for name in ("isolation", "commit", "gates", "limits", "timeouts"):
        assert getattr(told, name) == getattr(unset, name)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    text = re.sub(r"^(```+).*?^\1$", "", (ROOT / document).read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / document).parent / target).exists(), target
