"""Installing the skill, and taking it away again: its files and the entry of our MCP server, both or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tmuxorch.errors import Refused
from tmuxorch.skill import codex_config, files
from tmuxorch.skill.changes import Change, carry_out, content, remove_empty
from tmuxorch.skill.entry import NAME, TABLE, Entry, bare, is_entry
from tmuxorch.skill.places import Place, Scope


class Outcome(Struct, frozen=True, kw_only=True):
    """What was done, as `--json` prints it: `wrote` and `removed` name files, `entry` is what Codex's configuration
    now has."""

    scope: Scope
    skill: str
    config: str
    wrote: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    entry: Entry | None = None


def install(place: Place, entry: Entry, *, force: bool = False) -> Outcome:
    """Puts this version of the skill and the entry there. What is there already is not written again.

    Raises Refused for what a person wrote, unless it is to be overwritten by `force`; ConfigError for a configuration
    that is not TOML; StorageError. Then nothing was changed.
    """
    known, way_out = files.record(place.skill), _way_out(place, "install", force)
    config = list(_with_entry(place, entry, known.entry, way_out))
    made = known.made or tuple(_relative(path, place) for path in _needed(place) if not path.exists())
    changes = [*files.installing(place.skill, entry, made, way_out), *config]
    carry_out(changes)
    return _outcome(place, changes, entry)


def uninstall(place: Place, *, force: bool = False) -> Outcome:
    """Takes both away, and what was made for them if nothing else is in it. What is not there is no error. Raises as
    `install`."""
    known, way_out = files.record(place.skill), _way_out(place, "uninstall", force)
    made = [path for path in _needed(place) if _relative(path, place) in known.made]
    changes = [*files.uninstalling(place.skill, way_out), *_without_entry(place, known.entry, made, way_out)]
    carry_out(changes)
    remove_empty(made)
    return _outcome(place, changes, None)


def _outcome(place: Place, changes: list[Change], entry: Entry | None) -> Outcome:
    return Outcome(
        scope=place.scope,
        skill=str(place.skill),
        config=str(place.config),
        wrote=tuple(str(one.path) for one in changes if one.after is not None),
        removed=tuple(str(one.path) for one in changes if one.after is None),
        entry=entry,
    )


# ---- the entry -------------------------------------------------------------------------------------------------------


def _with_entry(place: Place, entry: Entry, known: Entry, way_out: str) -> Iterator[Change]:
    before = content(place.config)
    text = codex_config.read(before or b"", str(place.config))
    present = codex_config.found(text)
    if bare(present) == entry:
        return
    if present is None:
        after = codex_config.with_entry(text, entry)
    elif _is_ours(present, known):
        after = codex_config.with_other_entry(text, entry)
    else:
        _check(present, known, place, way_out)
        after = codex_config.with_entry(codex_config.without_entry(text), entry)
    yield Change(path=place.config, before=before, after=after.encode(), private=place.private)


def _without_entry(place: Place, known: Entry, made: list[Path], way_out: str) -> Iterator[Change]:
    before = content(place.config)
    if before is None:
        return
    text = codex_config.read(before, str(place.config))
    present = codex_config.found(text)
    if present is not None:
        _check(present, known, place, way_out)
        text = codex_config.without_entry(text)
    after = None if place.config in made and not text else text.encode()
    if after != before:
        yield Change(path=place.config, before=before, after=after)


def _check(present: object, known: Entry, place: Place, way_out: str) -> None:
    """Raises Refused if a person wrote this entry, or changed it, and there is a way out to name."""
    if not way_out or _is_ours(present, known):
        return
    what = "was changed since tmuxorch wrote it" if known else "is there and was not written by tmuxorch"
    raise Refused(f"{TABLE}.{NAME} in {place.config} {what}", hint=way_out)


def _is_ours(present: object, known: Entry) -> bool:
    return bare(present) == known or is_entry(present)


def _way_out(place: Place, verb: str, force: bool) -> str:
    loss = "what is there is overwritten" if verb == "install" else "it is removed all the same"
    return "" if force else f"tmuxorch skill {verb} --{place.scope} --force   ({loss})"


# ---- what is made for them -------------------------------------------------------------------------------------------


def _needed(place: Place) -> list[Path]:
    """The directories that there have to be, each after those that it is in, and the configuration."""
    below = place.skill / "agents"
    return [*reversed(below.parents), below, *reversed(place.config.parents), place.config]


def _relative(path: Path, place: Place) -> str:
    return os.path.relpath(path, place.skill)
