"""What children and the lead are told, the schemas they answer in, and where Codex is found."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tmuxorch.codex import binary, planning, prompts, schemas, understand, wording
from tmuxorch.controller import prompting
from tmuxorch.core.answers import ANSWERS
from tmuxorch.core.model import Purpose
from tmuxorch.errors import Bug, ToolMissing

P = prompts
PROMPTS = [
    (understand.discover("backend", "/b", "place", "on main", "why"), "discover place · backend"),
    (understand.discover("backend", "/b", "docs a\nb.md", "", "why"), "discover docs a b.md · backend"),
    (understand.brief("backend", "/b", "on main", "why"), "brief · backend"),
    (planning.contracts("why", {"backend": "a brief"}), "contracts"),
    (planning.plan("why", {"backend": "a brief"}, ["an API"], ["backend"]), "plan"),
    (planning.repair("plan", 1, ["item 1 depends on itself"]), "plan repair 1"),
    (planning.replan("why", "it fails", ["1: done"], ["an API"], "{}", ["backend"]), "replan"),
    (P.item("backend", "/b", "2", "Add it", "Do so", note=P.interrupted_note()), "item 2 · backend"),
    (P.fix("backend", "2", "Add it", "make test", 2, "boom"), "fix item 2 · backend"),
    (P.report("why", "all done"), "report"),
    (P.ask("backend", "/b", "How are you?"), "ask · backend"),
]


@pytest.mark.parametrize(("prompt", "head"), PROMPTS)
def test_the_first_line_says_what_a_prompt_is(prompt: str, head: str) -> None:
    first, blank, rest = prompt.split("\n", 2)
    assert first == f"# tmuxorch: {head}"
    assert (blank, rest.strip()) == ("", rest)
    assert "\n\n\n" not in prompt


def test_a_header_stays_one_line() -> None:
    assert wording.header("item 2\n# tmuxorch: plan", "a") == "# tmuxorch: item 2 # tmuxorch: plan · a"


def test_what_is_given_is_in_the_prompt_and_what_is_not_leaves_no_trace() -> None:
    full = P.item("b", "/b", "2", "T", "Do", ["src/"], "GET /x", ["make test"], ["use blue"], "a note")
    assert all(given in full for given in ["/b", "- src/", "GET /x", "- make test", "- use blue", "a note"])
    assert "The contract with" not in P.item("b", "/b", "2", "T", "Do")


class Colour(StrEnum):
    RED = "red"


class Leaf(msgspec.Struct):
    colour: Colour
    size: int | None = None


class Tagged(msgspec.Struct, tag="a"):
    x: float = 1.0


class Other(msgspec.Struct, tag="b"):
    pass


class Root(msgspec.Struct):
    leaves: list[Leaf]
    one: Tagged | Other
    names: tuple[str, ...] = ()


def test_a_struct_becomes_a_strict_schema() -> None:
    schema = schemas.of(Root)
    assert schemas.check_strict(schema) == []
    assert schema["required"] == ["leaves", "one", "names"]
    leaf = schema["$defs"]["Leaf"]
    assert leaf["required"] == ["colour", "size"]
    assert leaf["properties"]["size"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert schema["$defs"]["Colour"]["type"] == "string"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"type": "array", "items": {"type": "string"}}, "$: the root is no object"),
        ({"additionalProperties": True}, "$: additionalProperties is not false"),
        ({"required": []}, "$: required does not name exactly the properties"),
        ({"properties": {"a": {}}}, "$.a: no type"),
        ({"properties": {"a": {"type": "string", "default": ""}}}, "$.a: default is not allowed"),
        ({"properties": {"a": {"type": "array"}}}, "$.a: an array without items"),
        ({"properties": {"a": {"type": "array", "items": {}}}}, "$.a[]: no type"),
        ({"properties": {"a": {"anyOf": [{"type": "null"}, {}]}}}, "$.a|1: no type"),
    ],
)
def test_a_schema_that_strict_mode_refuses(change: dict[str, Any], complaint: str) -> None:
    good = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert schemas.check_strict(good) == []
    assert complaint in schemas.check_strict(good | change)


def nested(depth: int) -> schemas.Schema:
    """Objects within objects."""
    inner: schemas.Schema = {"type": "string"}
    for _ in range(depth):
        inner = {
            "type": "object",
            "properties": {"a": inner},
            "required": ["a"],
            "additionalProperties": False,
        }
    return inner


def with_definitions(**definitions: schemas.Schema) -> schemas.Schema:
    return nested(1) | {"$defs": definitions}


ENUM = {"type": "string", "enum": ["x"] * 1_001}
LONG = {"type": "string", "const": "x" * 120_001}
WIDE = {f"p{number}": {"type": "string"} for number in range(5_001)}


@pytest.mark.parametrize(
    ("schema", "complaints"),
    [
        (nested(10), []),
        (nested(11), ["$: 11 objects within objects, 10 are allowed"]),
        (with_definitions(A=nested(1), B={"$ref": "#/$defs/A"}), []),
        (with_definitions(A={"$ref": "#/$defs/B"}), ["$: #/$defs/B is not defined"]),
        (
            with_definitions(A={"$ref": "#/$defs/A", "title": "x"}),
            ["$.A: beside $ref there is something else"],
        ),
        (with_definitions(A=ENUM), ["$: 1001 values of enums, 1000 are allowed"]),
        (with_definitions(A=LONG), ["$: 120003 characters of names and values, 120000 are allowed"]),
        (
            nested(1) | {"properties": WIDE, "required": list(WIDE)},
            ["$: 5001 properties, 5000 are allowed"],
        ),
        (nested(1) | {"anyOf": [{"type": "string"}]}, ["$: the root is a union"]),
        ({"type": "string"}, ["$: the root is no object"]),
        ({"type": "object", "properties": 7}, ["$: it is no JSON schema"]),
        (nested(5_000), ["$: it is no JSON schema"]),
    ],
)
def test_what_is_too_much_for_strict_mode(schema: schemas.Schema, complaints: list[str]) -> None:
    assert schemas.check_strict(schema) == complaints


def test_depth_goes_through_definitions_and_not_in_circles() -> None:
    def holding(name: str) -> schemas.Schema:
        return nested(5) | {"properties": {"a": {"$ref": f"#/$defs/{name}"}}}

    circle = holding("A") | {"$defs": {"A": holding("B"), "B": holding("A")}}
    assert schemas.check_strict(circle) == []
    deep = holding("A") | {"$defs": {"A": holding("B"), "B": nested(9)}}
    assert schemas.check_strict(deep) == ["$: 11 objects within objects, 10 are allowed"]


@pytest.mark.parametrize("purpose", ANSWERS)
def test_every_answer_that_turns_are_asked_for_can_be_strict(purpose: str) -> None:
    schema = prompting.schema(Purpose(purpose))
    assert schema is not None
    assert schemas.check_strict(schema) == []


def test_arbitrary_keys_cannot_be_strict() -> None:
    class Loose(msgspec.Struct):
        any: dict[str, int]

    with pytest.raises(Bug):
        schemas.of(Loose)


def test_the_binary_is_the_configured_one_then_the_package_then_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "codex"
    mine.write_text("#!/bin/sh\n")
    with pytest.raises(ToolMissing, match=r"codex\.bin is .*no executable") as missing:
        binary.find(str(mine))
    assert "pip install 'tmuxorch[codex]'" in missing.value.hint
    assert "PATH" in missing.value.hint

    mine.chmod(0o700)
    assert binary.find(str(mine)) == mine
    assert "codex_cli_bin" in str(binary.find())
    monkeypatch.setattr(binary, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binary.find() == mine
    mine.unlink()
    with pytest.raises(ToolMissing, match="neither installed"):
        binary.find()


def test_versions() -> None:
    assert binary.parse_version("codex-cli 0.163.0\n") == (0, 163, 0)
    assert binary.checked_version("codex-cli 0.163.0") == (0, 163, 0)
    assert binary.checked_version("0.169.0-alpha.1 (Debian 12.0.0; x86_64) xterm") == (0, 169, 0)
    with pytest.raises(ToolMissing, match=r"0\.162\.9 is too old: 0\.163\.0 is needed"):
        binary.checked_version("codex-cli 0.162.9")
    with pytest.raises(ToolMissing, match="no version of Codex in 'bash: no such file'"):
        binary.parse_version("bash: no such file")
    assert binary.version_argv(Path("/c")) == ["/c", "--version"]


def test_the_login_that_can_be_seen(tmp_path: Path) -> None:
    environment = {"CODEX_HOME": str(tmp_path)}
    assert binary.login_state(environment) == binary.Login.UNKNOWN
    assert binary.login_state(environment | {"OPENAI_API_KEY": "x"}) == binary.Login.KEY
    (tmp_path / "auth.json").touch()
    assert binary.login_state(environment) == binary.Login.FILE
    assert binary.codex_home({"HOME": "/h"}) == Path("/h/.codex")
    assert os.environ["CODEX_HOME"]  # of the tests' own; never the user's
