"""Imports point downwards only, outside things have one door each, and the pure packages cannot do I/O."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "tmuxorch"

# What each part may import of the others. A new package needs a row here.
BELOW = {
    "__init__": set[str](),
    "__main__": {"environment", "cli"},
    "environment": set[str](),
    "errors": set[str](),
    "host": set[str](),
    "core": {"errors"},
    "codex": {"errors"},
    "ledger": {"core", "errors"},
    "store": {"ledger", "codex", "core", "errors"},
    "tmux": {"ledger", "codex", "core", "errors"},
    "engines": {"ledger", "codex", "core", "errors"},
    "skill": {"store", "codex", "errors", "__init__"},
    "mcp": {"store", "core", "errors", "__init__"},
    "controller": {
        "host",
        "engines",
        "skill",
        "tmux",
        "store",
        "ledger",
        "codex",
        "core",
        "errors",
        "environment",
        "__init__",
    },
    "demo": {"controller", "engines", "tmux", "store", "ledger", "codex", "core", "errors", "__init__"},
    "cli": {
        "demo",
        "skill",
        "mcp",
        "host",
        "environment",
        "controller",
        "engines",
        "tmux",
        "store",
        "ledger",
        "codex",
        "core",
        "errors",
        "__init__",
    },
}

# Outside things, and the only parts that may touch them.
DOORS = {
    "watchfiles": {"store"},
    "filelock": {"store"},
    "markdown_it": {"ledger"},
    "click": {"cli"},
    "textual": {"cli"},
    "rapidfuzz": {"core"},
    "tomlkit": {"skill"},
    "jsonschema": {"controller"},
    "mcp": {"mcp"},
    "mcp_types": {"mcp"},
}

PURE = {"core", "ledger"}
PURE_MODULES = {
    *(
        "__future__",
        "abc",
        "collections",
        "copy",
        "dataclasses",
        "enum",
        "functools",
        "operator",
        "types",
        "typing",
    ),
    *("bisect", "graphlib", "hashlib", "heapq", "itertools", "math", "datetime", "decimal", "fractions"),
    *("difflib", "fnmatch", "html", "json", "posixpath", "re", "shlex", "string", "textwrap", "unicodedata"),
    *("markdown_it", "msgspec", "rapidfuzz"),
}
PURE_PATHS = {"PurePath", "PurePosixPath"}  # what of pathlib touches no disk
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today"}

SANS_IO = {"codex"}
IO_MODULES = {"asyncio", "socket", "subprocess", "threading", "selectors", "websockets"}


class Import(NamedTuple):
    module: str  # absolute, dotted
    names: tuple[str, ...]  # of `from module import names`


def imports(source: str, module: str, is_package: bool) -> Iterator[Import]:
    """Every import of a module's source, at any depth, relative ones made absolute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            parents = module.split(".")[: len(module.split(".")) - node.level + is_package]
            origin = ".".join([*(parents if node.level else []), *([node.module] if node.module else [])])
            yield Import(origin, names)


def parts_used(item: Import) -> set[str]:
    """The parts of tmuxorch that an import reaches."""
    first, *rest = item.module.split(".")
    if first != "tmuxorch":
        return set()
    if rest:
        return {rest[0]}
    return {name if name in BELOW else "__init__" for name in item.names} or {"__init__"}


def breaches(source: str, module: str, is_package: bool = False) -> list[str]:
    """What in a module's source goes against the layers, in words."""
    part = [*module.split("."), "__init__"][1]
    if part not in BELOW:
        return [f"{part} has no row in BELOW"]
    found = []
    for item in imports(source, module, is_package):
        top = item.module.partition(".")[0]
        found += [f"{part} imports {used}" for used in parts_used(item) - BELOW[part] - {part}]
        if part not in DOORS.get(top, {part}):
            found.append(f"{part} imports {top}, whose door is {DOORS[top]}")
        if part == "host" and top not in sys.stdlib_module_names and top != "tmuxorch":
            found.append(f"host imports {top}, which is not of the standard library")
        if part in PURE and top not in PURE_MODULES | {"tmuxorch"} and not only_pure_paths(item):
            found.append(f"{part} is pure and imports {item.module}")
        if part in SANS_IO and top in IO_MODULES:
            found.append(f"{part} does no I/O itself and imports {item.module}")
    if part in PURE:
        found += [f"{part} is pure and calls {name}()" for name in called(source) & IMPURE_CALLS]
    return found


def only_pure_paths(item: Import) -> bool:
    return item.module == "pathlib" and item.names != () and set(item.names) <= PURE_PATHS


def called(source: str) -> set[str]:
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {f.id for f in calls if isinstance(f, ast.Name)} | {
        f.attr for f in calls if isinstance(f, ast.Attribute)
    }


def test_every_module_keeps_the_layers() -> None:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = ".".join(inside[:-1] if inside[-1] == "__init__" else inside)
        if wrong := breaches(path.read_text(), module, path.name == "__init__.py"):
            found[str(path.relative_to(PACKAGE.parent))] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("tmuxorch.core.decide", "from tmuxorch.store import journal", "core imports store"),
        ("tmuxorch.core.decide", "from ..store import journal", "core imports store"),
        ("tmuxorch.core.decide", "def f():\n    from .. import store", "core imports store"),
        ("tmuxorch.store.tail", "import tmuxorch.tmux.client", "store imports tmux"),
        ("tmuxorch.codex.jsonrpc", "from tmuxorch.core.model import Plan", "codex imports core"),
        ("tmuxorch.codex.jsonrpc", "import asyncio", "codex does no I/O itself and imports asyncio"),
        ("tmuxorch.controller.loop", "from tmuxorch import demo", "controller imports demo"),
        (
            "tmuxorch.controller.loop",
            "import filelock",
            "controller imports filelock, whose door is {'store'}",
        ),
        (
            "tmuxorch.host.main",
            "import msgspec",
            "host imports msgspec, which is not of the standard library",
        ),
        ("tmuxorch.host.main", "from tmuxorch import errors", "host imports errors"),
        ("tmuxorch.core.decide", "from pathlib import Path", "core is pure and imports pathlib"),
        ("tmuxorch.core.decide", "import time", "core is pure and imports time"),
        ("tmuxorch.core.decide", "datetime.now(UTC)", "core is pure and calls now()"),
        ("tmuxorch.newcomer", "", "newcomer has no row in BELOW"),
    ],
)
def test_a_breach_is_found(module: str, source: str, complaint: str) -> None:
    assert breaches(source, module) == [complaint]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "tmuxorch.core.plan",
            "from pathlib import PurePosixPath\nfrom .text import shown\nfrom ..errors import PlanError",
        ),
        ("tmuxorch.controller.loop", "from tmuxorch import __version__\nimport asyncio"),
        ("tmuxorch.cli.demo", "import click\nfrom tmuxorch.demo import story"),
    ],
)
def test_what_is_allowed_is_not_complained_of(module: str, source: str) -> None:
    assert breaches(source, module) == []
