"""What to run: the host directory's spec.json."""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from tmuxorch.host.follow import END

VIEWS = ("exec", "log", "none")


class SpecError(Exception):
    """The host directory's spec.json cannot be used; the text says why."""


class Spec(NamedTuple):
    """One child process. `stdin`, `stdout`, `stderr` and `fresh` are files of the host directory, or absolute."""

    argv: tuple[str, ...]
    cwd: str  # absolute
    stdin: str | None = None  # None: /dev/null
    stdout: str = "events.jsonl"
    stderr: str = "stderr.log"  # may be the same file as stdout
    view: str = "exec"  # how its stdout is drawn: one of VIEWS
    title: str = ""
    grace: tuple[float, float] = (1.0, 2.0)  # seconds from INT to TERM, and from TERM to KILL
    timeout: float | None = None  # seconds
    shown: int | None = None  # bytes of stdout that are drawn; of more its beginning and its end
    fresh: tuple[
        str, ...
    ] = ()  # deleted before the start, so that what is there afterwards was written by this one


def load(directory: str) -> Spec:
    """The spec of a host directory. Keys that it does not know are left alone. Raises SpecError."""
    try:
        with open(os.path.join(directory, "spec.json"), "rb") as file:
            raw = json.loads(file.read())
        return _checked(raw)
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(f"spec.json: {getattr(error, 'strerror', None) or error}") from error


def _checked(raw: Any) -> Spec:
    if not isinstance(raw, dict):
        raise ValueError("not an object")
    for key in ("argv", "grace", "fresh"):
        _must(key, isinstance(raw.get(key, []), list), "a list")
    for key in ("argv", "cwd"):
        _must(key, key in raw, "there")
    known: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in raw.items()
        if key in Spec._fields
    }
    spec = Spec(**known)
    _must("argv", bool(spec.argv) and _texts(spec.argv), "a list of texts, not empty")
    _must("cwd", _is_path(spec.cwd) and os.path.isabs(spec.cwd), "an absolute path")
    _must("stdin", spec.stdin is None or _is_path(spec.stdin), "a file name or null")
    _must("stdout", _is_path(spec.stdout), "a file name")
    _must("stderr", _is_path(spec.stderr), "a file name")
    _must("view", spec.view in VIEWS, f"one of {', '.join(VIEWS)}")
    _must("title", isinstance(spec.title, str), "a text")
    _must("grace", len(spec.grace) == 2 and all(map(_is_seconds, spec.grace)), "two numbers of seconds")
    _must("timeout", spec.timeout is None or _is_seconds(spec.timeout), "a number of seconds or null")
    _must(
        "shown",
        spec.shown is None or (type(spec.shown) is int and spec.shown > END),
        f"more than {END}, or null",
    )
    _must("fresh", _texts(spec.fresh), "a list of file names")
    return spec


def _must(key: str, holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(f"{key} must be {expected}")


def _texts(values: tuple[object, ...]) -> bool:
    return all(isinstance(value, str) and "\0" not in value for value in values)


def _is_path(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
