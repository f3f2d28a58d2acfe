"""The skill's own files: what tmuxorch brings, and what is in the directory of a skill that was installed.

Beside the files lies a record of what was installed, so that a later version knows what a person has changed since.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from tmuxorch import __version__
from tmuxorch.errors import Refused
from tmuxorch.skill.changes import Change, content
from tmuxorch.skill.entry import Entry
from tmuxorch.store.atomic import digest

OWN = Path(__file__).parent
SHIPPED = ("SKILL.md", "agents/openai.yaml")
RECORD = "installed.json"


class Record(Struct, frozen=True, kw_only=True):
    """What was installed: the digest of each file by its name, the entry in Codex's configuration, and the `made`
    directories and files that there were not before, by their paths from the skill's directory, the topmost first."""

    version: str = ""
    files: dict[str, str] = {}
    entry: Entry = {}
    made: tuple[str, ...] = ()


def shipped() -> dict[str, bytes]:
    """The files of this version of the skill, by their names."""
    return {name: (OWN / name).read_bytes() for name in SHIPPED}


def is_own(directory: Path) -> bool:
    """Whether this is where tmuxorch has the skill itself: then there is nothing to install in it."""
    return directory.resolve() == OWN.resolve()


def record(directory: Path) -> Record:
    """What was installed there; an empty one if nothing says so."""
    try:
        known = msgspec.json.decode(content(directory / RECORD) or b"{}", type=Record)
    except msgspec.MsgspecError:
        return Record()
    inside = {
        name: told for name, told in known.files.items() if ".." not in Path(name).parts and name[:1] != "/"
    }
    return msgspec.structs.replace(
        known, files=inside
    )  # who wrote a repo may not name other files of its user


def installing(directory: Path, entry: Entry, made: tuple[str, ...], way_out: str) -> Iterator[Change]:
    """What puts this version of the skill there. Raises Refused for files that a person wrote or changed, with the
    `way_out` as its hint; without one they are overwritten."""
    if is_own(directory):
        return
    known, files = record(directory), shipped()
    digests = {name: digest(data) for name, data in files.items()}
    new = Record(version=__version__, files=digests, entry=entry, made=made)
    old = content(directory / RECORD)
    yield from _change(directory / RECORD, old, msgspec.json.format(msgspec.json.encode(new)) + b"\n")
    for name in dict.fromkeys([*known.files, *files]):
        present = content(directory / name)
        if way_out and _is_persons(name, present, known, digests):
            raise _refusal(directory / name, known, way_out)
        yield from _change(directory / name, present, files.get(name))


def uninstalling(directory: Path, way_out: str) -> Iterator[Change]:
    """What takes the skill away from there. `way_out` as with `installing`."""
    if is_own(directory):
        return
    known = record(directory)
    digests = {name: digest(data) for name, data in shipped().items()}
    for name in dict.fromkeys([*known.files, *digests]):
        present = content(directory / name)
        if way_out and _is_persons(name, present, known, digests):
            raise _refusal(directory / name, known, way_out)
        yield from _change(directory / name, present, None)
    yield from _change(directory / RECORD, content(directory / RECORD), None)


def _change(path: Path, before: bytes | None, after: bytes | None) -> Iterator[Change]:
    if before != after:
        yield Change(path=path, before=before, after=after)


def _is_persons(name: str, present: bytes | None, known: Record, digests: dict[str, str]) -> bool:
    return present is not None and digest(present) not in (known.files.get(name), digests.get(name))


def _refusal(path: Path, known: Record, way_out: str) -> Refused:
    what = "was changed since tmuxorch wrote it" if known.version else "is there and is not of tmuxorch"
    return Refused(f"{path} {what}", hint=way_out)
