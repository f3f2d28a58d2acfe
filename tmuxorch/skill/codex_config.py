"""Our MCP server in the text of Codex's config.toml, put in and taken out again. Text in, text out; no file is touched.

All else stays byte for byte: what is put in is one piece, which is cut out again. tmuxorch can only put in what it can
take out, and each new text is read again, to see that nothing but the entry differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import InlineTable

from tmuxorch.errors import ConfigError, Refused
from tmuxorch.skill.entry import APPROVALS, NAME, TABLE, Entry, bare

BOM = "\ufeff"

_OURS = r"[ \t]*\[[ \t]*(['\"]?)mcp_servers\1[ \t]*\.[ \t]*(['\"]?)tmuxorch\2[ \t]*"
OWN_TABLE = re.compile(_OURS + r"\]")
OWN_TABLES = re.compile(_OURS + r"[].]")
"""The first line of the entry, and also that of a table in it."""

LINE = re.compile(r"[^\n]*\n|[^\n]+")

MEND = "mend that, then type the same again"


def read(data: bytes, name: str) -> str:
    """The text of a file called `name`. Raises ConfigError, with the line, if it is no TOML or has another kind of
    `mcp_servers` than Codex knows."""
    try:
        text = data.decode()
        servers = parsed(text).get(TABLE, {})
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: this is not UTF-8", hint=MEND) from None
    except ParseError as error:
        where = f"{name}:{error.line}:{error.col + 1}"
        raise ConfigError(f"{where}: this is not TOML: {_reason(error)}", hint=MEND) from None
    except TOMLKitError as error:
        raise ConfigError(f"{name}: this is not TOML: {error}", hint=MEND) from None
    if not isinstance(servers, dict):
        raise ConfigError(f"{name}: {TABLE} has to be a table", hint=MEND)
    return text


def parsed(text: str) -> dict[str, Any]:
    """What a text says. Raises TOMLKitError if it is no TOML."""
    return tomlkit.parse(text.removeprefix(BOM)).unwrap()


def found(text: str) -> Any:
    """The entry of our name, None if there is none."""
    return parsed(text).get(TABLE, {}).get(NAME)


def with_entry(text: str, entry: Entry) -> str:
    """`text`, which has no entry of our name, with this one. Raises Refused if that cannot be done without touching
    what else is there."""
    for candidate in (_appended(text, entry), *_inside(text, entry)):
        if _holds(candidate, text, entry) and without_entry(candidate) == text:
            return candidate
    raise Refused(
        f"{TABLE} is written in a way that nothing can be added to",
        hint=f"add it yourself:\n{block(entry)}",
    )


def with_other_entry(text: str, entry: Entry) -> str:
    """`text` with this entry instead of its own one, where that stands; what was said of single tools stays. Raises
    Refused if that cannot be done without touching what else is there."""
    for candidate in _renewals(text, entry):
        if (
            bare(found(candidate)) == entry
            and _others(candidate) == _others(text)
            and _tables(candidate, text)
        ):
            return candidate
    raise Refused(
        f"{TABLE}.{NAME} is written in a way that nothing can be changed in",
        hint=f"change it yourself:\n{block(entry)}",
    )


def without_entry(text: str) -> str:
    """`text` without its entry of our name, however that is written. Raises Refused if that cannot be done without
    touching what else is there."""
    entry = found(text)
    for rest in _removals(text, entry):
        if _holds(text, rest, entry):
            return rest
    raise Refused(
        f"{TABLE}.{NAME} is written in a way that nothing can be taken from", hint="take it out yourself"
    )


def block(entry: Entry, newline: str = "\n") -> str:
    """The entry as a table of its own, without a newline at its end."""
    return newline.join([f"[{TABLE}.{NAME}]", *_pairs(entry)])


def _pairs(entry: Entry) -> list[str]:
    return [f"{key} = {tomlkit.item(value).as_string()}" for key, value in entry.items()]


# ---- ways to put it in -----------------------------------------------------------------------------------------------


def _appended(text: str, entry: Entry) -> str:
    """As a table at the end. A text whose last line does not end stays one."""
    newline = _newline(text)
    piece = block(entry, newline)
    if text in ("", BOM):
        return text + piece + newline
    return text + newline + (piece + newline if text.endswith("\n") else newline + piece)


def _inside(text: str, entry: Entry) -> Iterator[str]:
    """In a `mcp_servers = {…}`, behind all others. Its text may be elsewhere too, in a comment for example."""
    servers = tomlkit.parse(text.removeprefix(BOM)).get(TABLE)
    if not isinstance(servers, InlineTable):
        return
    table = servers.as_string()
    content = table[:-1].rstrip()
    piece = ("" if content[-1] in "{," else ", ") + _member(entry)
    for at in _occurrences(text, table):
        end = at + len(content)
        yield text[:end] + piece + text[end:]


def _member(entry: Entry) -> str:
    return f"{NAME} = {{ {', '.join(_pairs(entry))} }}"


def _renewals(text: str, entry: Entry) -> Iterator[str]:
    yield from _replaced(text, entry)
    yield _set(text, entry)
    yield _sections(text, OWN_TABLE, block(entry))


def _replaced(text: str, entry: Entry) -> Iterator[str]:
    """Where the present one stands as we write it."""
    present = _table(bare(found(text)))
    newline = _newline(text)
    for old, new in (
        (block(present, newline), block(entry, newline)),
        (_member(present), _member(entry)),
    ):
        for at in _occurrences(text, old):
            yield text[:at] + new + text[at + len(old) :]


def _set(text: str, entry: Entry) -> str:
    """Key by key, which keeps comments. It may bring tables into another order."""
    document = tomlkit.parse(text.removeprefix(BOM))
    table: Any = document[TABLE][NAME]
    for key in [key for key in table if key not in entry and key != APPROVALS]:
        del table[key]
    for key, value in entry.items():
        if key not in table or table[key] != value:
            table[key] = value
    return _bom(text) + tomlkit.dumps(document)


# ---- and to take it out ----------------------------------------------------------------------------------------------


def _removals(text: str, present: object) -> Iterator[str]:
    yield from _cuts(text, present)
    yield _sections(text, OWN_TABLES)
    yield _deleted(text)


def _cuts(text: str, present: object) -> Iterator[str]:
    """Where the entry stands as we write it."""
    entry, newline = _table(present), _newline(text)
    piece = block(entry, newline)
    for at in _occurrences(text, piece):
        before, after = text[:at], text[at + len(piece) :]
        if after.startswith(newline):
            after = after.removeprefix(newline)
            yield (before.removesuffix(newline) if before.endswith("\n" + newline) else before) + after
        elif not after:
            yield before.removesuffix(newline + newline)
    for comma in (", ", ""):
        piece = comma + _member(entry)
        for at in _occurrences(text, piece):
            yield text[:at] + text[at + len(piece) :]


def _sections(text: str, own: re.Pattern[str], instead: str = "") -> str:
    """Where it is made of tables, line by line: without those whose first lines are like `own`, or with something
    `instead` of them. Comments and blanks below a table are not of it."""
    kept: list[str] = []
    tail: list[str] = []
    inside = False
    for line in LINE.findall(text):
        if line.lstrip().startswith("["):
            kept, tail, inside = [*kept, *tail], [], own.match(line) is not None
            if inside and instead:
                newline = _newline(text)
                kept.append(instead.replace("\n", newline) + newline)
            elif inside and kept and not kept[-1].strip():
                kept.pop()
        if not inside:
            kept.append(line)
        elif not line.strip() or line.lstrip().startswith("#"):
            tail.append(line)
        else:
            tail = []
    return "".join([*kept, *tail])


def _deleted(text: str) -> str:
    """However it is written. It may bring tables into another order."""
    document = tomlkit.parse(text.removeprefix(BOM))
    del document[TABLE][NAME]
    return _bom(text) + tomlkit.dumps(document)


# ---- what it is made of ----------------------------------------------------------------------------------------------


def _holds(text: str, rest: str, entry: object) -> bool:
    """Whether `text` says what `rest` says and besides only this entry."""
    try:
        return (
            found(rest) is None
            and _comparable(found(text)) == _comparable(entry)
            and _others(text) == _others(rest)
        )
    except TOMLKitError:
        return False


def _tables(text: str, other: str) -> bool:
    """Whether both have the same tables in the same order."""
    return [line.strip() for line in LINE.findall(text) if line.lstrip().startswith("[")] == [
        line.strip() for line in LINE.findall(other) if line.lstrip().startswith("[")
    ]


def _table(value: object) -> Entry:
    return value if isinstance(value, dict) else {}


def _others(text: str) -> object:
    """What a text says besides our entry."""
    values = parsed(text)
    values.get(TABLE, {}).pop(NAME, None)
    return _comparable({key: value for key, value in values.items() if (key, value) != (TABLE, {})})


def _comparable(value: object) -> object:
    """What is equal for equal values: a nan is equal to no other."""
    match value:
        case dict():
            return {key: _comparable(one) for key, one in value.items()}
        case list():
            return [_comparable(one) for one in value]
        case float():
            return repr(value)
        case _:
            return value


def _occurrences(text: str, piece: str) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _bom(text: str) -> str:
    return BOM if text.startswith(BOM) else ""


def _reason(error: ParseError) -> str:
    reason = str(error).partition(f" at line {error.line}")[0]
    return reason[:1].lower() + reason[1:]
