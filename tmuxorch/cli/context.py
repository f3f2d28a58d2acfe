"""The Context Pack of a worker, from `--context` options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tmuxorch.codex.workerprompt import CONTEXT_KEYS
from tmuxorch.errors import UsageError

NAMES = {key.casefold(): key for key in CONTEXT_KEYS}
USUAL = 'tmuxorch exec "what is to be done" --context Goal="what it is good for"'
"""What is typed when no more is known than that a context was wrong."""

ENTRY = re.compile(r"^\s*(?:#+\s+|[-*]\s+)?\**([A-Za-z][A-Za-z -]*?)\**\s*(?::\**|$)\s*(.*)$")


def pack(given: Iterable[str], base: Path) -> dict[str, str]:
    """Each of `given` is KEY=TEXT or a file (YAML, or Markdown with `Key: text`); later ones win.

    Raises UsageError for what is neither, and for a file in which no key of the Context Pack is found.
    """
    found: dict[str, str] = {}
    for one in given:
        key, equals, text = one.partition("=")
        path = base / Path(one).expanduser()
        if equals and key.strip().casefold() in NAMES:
            found[NAMES[key.strip().casefold()]] = text
        elif path.is_file():
            found |= _file(path)
        elif equals:
            raise UsageError(f"there is no context {key!r}; there are: {', '.join(CONTEXT_KEYS)}", hint=USUAL)
        else:
            raise UsageError(f"--context: {one} is neither a file nor KEY=TEXT", hint=USUAL)
    return found


def _file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--context: {path} cannot be read: {error}", hint=USUAL) from None
    found = from_yaml(text, path) if path.suffix in (".yaml", ".yml") else from_markdown(text)
    if not found:
        raise UsageError(f"{path} names none of: {', '.join(CONTEXT_KEYS)}", hint=USUAL)
    return found


def from_yaml(text: str, path: Path) -> dict[str, str]:
    """The pack in a YAML mapping; a list becomes one line per entry."""
    import msgspec

    try:
        raw = msgspec.yaml.decode(text.encode(), type=dict[str, str | list[str]])
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: {error}", hint=USUAL) from None
    if unknown := [key for key in raw if key.casefold() not in NAMES]:
        raise UsageError(
            f"{path}: there is no context {unknown[0]!r}; there are: {', '.join(CONTEXT_KEYS)}", hint=USUAL
        )
    return {
        NAMES[key.casefold()]: value if isinstance(value, str) else "\n".join(value)
        for key, value in raw.items()
    }


def from_markdown(text: str) -> dict[str, str]:
    """The pack in lines `Goal: text` or headings `## Goal`; what follows belongs to the key above it."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        entry = ENTRY.match(line)
        if entry and entry[1].casefold() in NAMES:
            current = found.setdefault(NAMES[entry[1].casefold()], [])
            current.append(entry[2])
        elif current is not None:
            current.append(line.rstrip())
    return {key: body for key, lines in found.items() if (body := "\n".join(lines).strip())}
