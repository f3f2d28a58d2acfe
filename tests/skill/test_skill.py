"""The skill itself: its form, its length, and that it is one thing wherever it lies."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.cli.command import REPO
from tests.cli.conftest import Run
from tmuxorch.mcp.tools import TOOLS
from tmuxorch.skill.files import OWN

TEXT = (OWN / "SKILL.md").read_text()


def test_codex_reads_its_head() -> None:
    _, head, body = TEXT.split("---\n", 2)
    said = yaml.safe_load(head)
    assert list(said) == ["name", "description"]
    assert said["name"] == "tmuxorch"
    assert len(said["description"]) < 250
    assert body.startswith("\n# ")


def test_it_is_short() -> None:
    lines = TEXT.splitlines()
    assert len(lines) < 250
    assert max(map(len, lines)) <= 200


def test_its_interface_names_it() -> None:
    said = yaml.safe_load((OWN / "agents" / "openai.yaml").read_text())
    assert list(said) == ["interface"]
    assert list(said["interface"]) == ["display_name", "short_description", "default_prompt"]
    assert "$tmuxorch" in said["interface"]["default_prompt"]


def test_codex_finds_it_in_this_repo() -> None:
    here = REPO / ".agents" / "skills" / "tmuxorch"
    assert not here.readlink().is_absolute()
    assert here.resolve() == OWN


def test_the_command_shows_it(run: Run) -> None:
    assert run("skill", "show").out == TEXT
    assert run("skill", "show", "--json").json["path"] == str(OWN / "SKILL.md")


def test_its_tools_are_those_of_the_server() -> None:
    told = TEXT[TEXT.index("| to look |") : TEXT.index("An error of a tool")]
    rows = "".join(line.split("|")[1] for line in told.splitlines() if line.startswith("|"))
    named: dict[str, str] = dict(re.findall(r"`(\w+)(?:\((.*?)\))?`", rows))
    assert set(named) == set(TOOLS)
    for name, words in named.items():
        takes = TOOLS[name].takes.__struct_fields__
        assert set(re.findall(r"\w+", words)) <= set(takes), name
    elsewhere = set(re.findall(r"`([a-z]+_[a-z_]+)`", TEXT)) - {"update_plan", "your_move"}
    assert elsewhere <= set(TOOLS)


def test_what_it_names_is_there(run: Run) -> None:
    for command in set(re.findall(r"`tmuxorch ([a-z]+)[^`]*`", TEXT)):
        assert run(command, "--help").code == 0, command
    templates = Path(REPO, "tmuxorch", "templates")
    patterns = {path.stem for path in (templates / "patterns").glob("*.yaml")}
    assert set(re.findall(r"^\| [A-F] `([a-z-]+)`", TEXT, re.M)) == patterns
    roles = {path.stem for path in (templates / "roles").glob("*.yaml")}
    assert {name for name in roles if f"| `{name}` |" in TEXT} == roles
