"""What a later step's worker is given of the earlier ones: their merged answers as JSON, bounded in length.

Texts of agents in it can be anything. As JSON they have no line of their own, so that none looks like a part of the
prompt around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from msgspec import json, to_builtins

from tmuxorch.core.agreement import Given
from tmuxorch.core.curated import Curated
from tmuxorch.core.merge import MergedFinding
from tmuxorch.core.merge_notes import MergedNote, MergedOption
from tmuxorch.core.results import Finding, Note, Option

LIMIT = 200_000
"""Characters of the data."""
ENDS = ("brief", "verdict")
"""Parts that are one thing, no list."""
FRAME = 1_000
"""Characters that are kept free for what is not an entry: names, brackets, and what is left out."""


def data(curated: Curated, limit: int = LIMIT) -> str:
    """One line of JSON, of at most `limit` characters (more than `FRAME`).

    Its keys are those of result.json, empty ones left out; an entry says who said it, without the words that were
    merged away. What is too long ends early, list by list in the order of `_parts`; `left_out_for_length` says how
    many entries of which list are not there.
    """
    left = limit - FRAME
    found: dict[str, Any] = {}
    left_out: dict[str, int] = {}
    for name, entries in _parts(curated):
        kept: list[Any] = []
        for entry in entries:
            length = len(json.encode(entry).decode()) + 1
            if length > left:
                left_out[name] = len(entries) - len(kept)
                break
            left -= length
            kept.append(entry)
        if kept:
            found[name] = kept[0] if name in ENDS else kept
    if left_out:
        found["left_out_for_length"] = left_out
    return json.encode(found).decode()


def _parts(curated: Curated) -> Iterator[tuple[str, list[Any]]]:
    """The parts with their entries, what matters most first."""
    yield "verdict", _plain([curated.verdict])
    yield "brief", _plain([curated.brief])
    yield "missing", _plain(curated.missing)
    yield "findings", [*map(_merged, curated.findings)]
    yield "notes", [*map(_merged, curated.notes)]
    yield "options", [*map(_merged, curated.options)]
    yield "texts", _plain(curated.texts)
    yield "open", _plain(curated.open)
    yield "earlier", _plain(curated.earlier)


def _plain(entries: Iterable[Any]) -> list[Any]:
    return [_full(to_builtins(entry)) for entry in entries if entry is not None]


def _full(entry: Any) -> Any:
    """An entry without its empty fields."""
    return {name: value for name, value in entry.items() if value} if isinstance(entry, dict) else entry


def _merged(one: MergedFinding | MergedNote | MergedOption) -> Any:
    """A merged entry: of its sources only who said it and, in a few words, how; no reason for its rank."""
    told = {name: to_builtins(getattr(one, name)) for name in one.__struct_fields__ if name != "why"}
    sources = [
        _full({"worker": source.worker, "about": source.about, "said": _in_short(source)})
        for source in one.sources
    ]
    return _full(told | {"sources": sources})


def _in_short(source: Given[Finding] | Given[Note] | Given[Option]) -> str:
    match source.said:
        case Finding():
            return source.said.title
        case Note():
            return source.said.source
        case Option():
            return source.said.name
        case _:
            assert_never(source.said)
