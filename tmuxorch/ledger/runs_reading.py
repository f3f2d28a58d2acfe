"""Reading runs.md: our parts between their markers, or, in a file that has none, what is under upstream's headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from tmuxorch.core import text
from tmuxorch.core.model import LogEntry
from tmuxorch.ledger import inline
from tmuxorch.ledger.page import (
    Node,
    Page,
    first_line,
    folded,
    label,
    level,
    lines,
    nearest,
    title,
    without_label,
)
from tmuxorch.ledger.runs_parts import PARTS, spans
from tmuxorch.ledger.runs_values import COLUMNS, FIELDS, LABELS, RunsView, SessionRow

_NAME = "runs.md"
_EXACT = re.compile(r"<!-- tmuxorch:entry (-?\d+) (\S+) -->\s*\Z")
_BREAK = re.compile(r"\r\n|\r|\n")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\Z")
_NUMBER = re.compile(r"\d{1,15}(?=\b)")
_TEMPLATE = "Run Entry Template"

# Upstream's text names some fields differently than upstream's template does.
_SYNONYMS = {
    "Actor": "Child",
    "Actor or Child": "Child",
    "Result Summary": "Result",
    "Tests or Checks": "Tests / Checks",
    "Connection Note": "Resume",
}
_FIELDS = {folded(name): name for name in FIELDS} | {folded(name): field for name, field in _SYNONYMS.items()}


def parse(markdown: str) -> RunsView:
    """What runs.md shows. Raises UsageError for a document that is not understood, naming the line."""
    status = _status(_part(markdown, "status"))
    return RunsView(
        overall_status=status.get(LABELS[0], ""),
        waiting_on=status.get(LABELS[1], ""),
        last_updated_by=status.get(LABELS[2], ""),
        sessions=_sessions(_part(markdown, "sessions")),
        entries=_entries(_part(markdown, "log")),
    )


def _part(markdown: str, name: str) -> Page:
    if span := spans(markdown).get(name):
        skipped = len(_BREAK.findall(markdown, 0, span.inner_start))
        return Page(markdown[span.inner_start : span.inner_end], _NAME, skipped=skipped)
    page = Page(markdown, _NAME)
    headings = [block for block in page.blocks if 0 < level(block) <= 2]
    for heading, following in pairwise([*headings, None]):
        if heading and level(heading) == 2 and folded(title(heading)) == folded(PARTS[name]):
            start = lines(heading)[1]
            end = first_line(following) if following else len(page.lines)
            return Page(page.source(start, end), _NAME, skipped=start)
    raise page.wrong(len(page.lines), f"the file ends without the section '## {PARTS[name]}'")


def _status(page: Page) -> dict[str, str]:
    known = {folded(name): name for name in LABELS}
    found = {}
    for bullet in page.bullets(page.blocks, f"bullets with the labels {', '.join(LABELS)}"):
        source = page.line_of(bullet)
        name = known.get(folded(label(source)))
        if name is None:
            complaint = f"expected one of the labels {', '.join(LABELS)}{nearest(label(source), LABELS)}"
            raise page.wrong(first_line(bullet), complaint)
        found[name] = inline.unescape(without_label(source))
    return found


def _sessions(page: Page) -> tuple[SessionRow, ...]:
    rows = page.table(0, page.blocks, COLUMNS)
    return tuple(
        SessionRow(child=child, session_handle=handle, state=state, current_task=task, last_summary=last)
        for child, handle, state, task, last in (map(inline.unescape, row.cells) for row in rows)
    )


def _entries(page: Page) -> tuple[LogEntry, ...]:
    starts = [number for number, block in enumerate(page.blocks) if level(block) == 3]
    entries: list[LogEntry] = []
    for start, end in pairwise([*starts, len(page.blocks)]):
        if folded(title(page.blocks[start])) != folded(_TEMPLATE):
            last = first_line(page.blocks[end]) if end < len(page.blocks) else len(page.lines)
            entries.append(_entry(page, page.blocks[start:end], last, len(entries) + 1))
    return tuple(entries)


def _entry(page: Page, blocks: Sequence[Node], end: int, ordinal: int) -> LogEntry:
    """The entry whose heading is the first block. Its number and exact time are in its comment, if it has one."""
    fields = _fields(page, blocks, end)
    exact = _EXACT.match(blocks[1].content) if len(blocks) > 1 and blocks[1].type == "html_block" else None
    number = _NUMBER.match(title(blocks[0]))
    return LogEntry(
        number=int(exact[1]) if exact else int(number[0]) if number else ordinal,
        at=_seconds(exact[2] if exact else "", fields["Timestamp"], page, first_line(blocks[0])),
        child=inline.unescape(text.line(fields["Child"])),
        intent=fields["Intent"],
        result=fields["Result"],
        checks=fields["Tests / Checks"],
        artifacts=fields["Artifacts"],
        resume=fields["Resume"],
        next_step=fields["Next Step"],
    )


def _seconds(exact: str, timestamp: str, page: Page, line: int) -> float:
    try:
        if exact:
            return float(exact)
        found = _TIME.match(timestamp)
        return datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp() if found else 0.0
    except ValueError:
        raise page.wrong(line, f"no time: {exact or timestamp!r}") from None


def _fields(page: Page, blocks: Sequence[Node], end: int) -> dict[str, str]:
    starts = [number for number, block in enumerate(blocks) if level(block) == 4]
    found = dict.fromkeys(FIELDS, "")
    for start, stop in pairwise([*starts, len(blocks)]):
        heading = title(blocks[start])
        name = _FIELDS.get(folded(heading))
        if name is None:
            raise page.wrong(
                first_line(blocks[start]),
                f"expected one of the fields {', '.join(FIELDS)}{nearest(heading, FIELDS)}",
            )
        last = first_line(blocks[stop]) if stop < len(blocks) else end
        found[name] = page.block_between(lines(blocks[start])[1], last, blocks[start + 1 : stop])
    return found
