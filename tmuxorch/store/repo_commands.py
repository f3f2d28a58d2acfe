"""How a repo is tested and built, guessed from its own files. Nothing of it is run here: a guess is for showing."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from tmuxorch.core.model import Found
from tmuxorch.store import repo_files

LIMIT = 1 << 20
"""Bytes of a file that are looked at; one that is longer suggests nothing."""

MAKEFILES = "GNUmakefile", "makefile", "Makefile"
"""In the order in which make looks for them."""

LOCKS = ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("package-lock.json", "npm")
NO_TEST = "no test specified"
"""What `npm init` writes for a package without tests."""

Suggestion = tuple[str, str]
"""What a command is for (`test` or `build`), and the command."""


def detect(repo: Path) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Commands that seem to test and to build the repo, with the file that suggests each."""
    found: dict[str, list[Found]] = {"test": [], "build": []}
    for name, suggested in _suggestions(repo):
        for purpose, command in suggested:
            found[purpose].append(Found(command=command, source=name))
    return tuple(found["test"]), tuple(found["build"])


def _suggestions(repo: Path) -> Iterator[tuple[str, list[Suggestion]]]:
    for name in MAKEFILES:
        if (text := _text(repo, name)) is not None:
            yield name, _of_makefile(text)
            break
    readers: tuple[tuple[str, Callable[[Path, str], list[Suggestion]]], ...] = (
        ("pyproject.toml", _of_pyproject),
        ("package.json", _of_package),
        ("Cargo.toml", _of_cargo),
        ("go.mod", _of_go),
    )
    for name, read in readers:
        if (text := _text(repo, name)) is not None:
            yield name, read(repo, text)


def _text(repo: Path, name: str) -> str | None:
    piece = repo_files.read(repo, name, LIMIT)
    return piece.data.decode(errors="replace") if piece and piece.size <= LIMIT else None


def _of_makefile(text: str) -> list[Suggestion]:
    targets = set[str]()
    for line in text.splitlines():
        names, colon, rest = line.partition(":")
        if (
            colon
            and not line.startswith(("\t", "#"))
            and not rest.startswith(("=", ":="))
            and "=" not in names
        ):
            targets.update(names.split())
    known = ("test", "test"), ("test", "check"), ("build", "build")
    return [(purpose, f"make {target}") for purpose, target in known if target in targets]


def _of_pyproject(repo: Path, text: str) -> list[Suggestion]:
    return [("test", "python3 -m pytest")] if "pytest" in _table(_toml(text), "tool") else []


def _of_package(repo: Path, text: str) -> list[Suggestion]:
    try:
        scripts = _table(msgspec.json.decode(text), "scripts")
    except (msgspec.DecodeError, RecursionError):
        return []
    manager = next((name for lock, name in LOCKS if (repo / lock).is_file()), "npm")
    return [
        (purpose, f"{manager} run {purpose}")
        for purpose in ("test", "build")
        if isinstance(script := scripts.get(purpose), str) and NO_TEST not in script
    ]


def _of_cargo(repo: Path, text: str) -> list[Suggestion]:
    table = _toml(text)
    return (
        [("test", "cargo test"), ("build", "cargo build")] if {"package", "workspace"} & table.keys() else []
    )


def _of_go(repo: Path, text: str) -> list[Suggestion]:
    return [("test", "go test ./..."), ("build", "go build ./...")]


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _table(value: object, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
