"""What agents write as Markdown, as rows: what has a shape gets one, and not a letter of the rest is lost."""

from __future__ import annotations

import re

from tmuxorch.host import inline, text
from tmuxorch.host.paint import Row, left_out

HEAD, TAIL = 200, 20  # lines of a long message that are shown
INDENT = "  "
CODE = "    "
DEEPEST = 12  # columns by which something is indented
WIDEST = 30  # columns to which a cell of a table is filled up
RULE = "─" * 16

_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])\s+(?=\S)")
_UNDER_HEAD = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_CELL = re.compile(r"(?<!\\)\|")


def rows(content: str) -> list[Row]:
    """The rows of a message, each below `INDENT`; of a long one its beginning and its end."""
    every = text.lines(content.rstrip())
    blocks = _Blocks()
    if len(every) <= HEAD + TAIL + 1:
        return blocks.rows(every)
    begin, middle = blocks.rows(every[:HEAD]), every[HEAD:-TAIL]
    blocks.pass_over(middle)
    return [*begin, left_out(middle, INDENT), *blocks.rows(every[-TAIL:])]


class _Blocks:
    """Remembers whether the next line is within fenced code."""

    def __init__(self) -> None:
        self._fence = ""

    def rows(self, lines: list[str]) -> list[Row]:
        rows: list[Row] = []
        at = 0
        while at < len(lines):
            line = lines[at]
            at += 1
            if self._is_fence(line):
                continue
            if self._fence:
                rows.append(Row(line, "cyan", CODE))
            elif at < len(lines) and "|" in line and _is_under_head(lines[at]):
                end = next((n for n in range(at + 1, len(lines)) if "|" not in lines[n]), len(lines))
                rows += _table([line, *lines[at + 1 : end]])
                at = end
            elif line.strip() or (rows and rows[-1].mark):  # one blank line is as good as several
                rows.append(_line(line))
        return rows

    def pass_over(self, lines: list[str]) -> None:
        """As `rows`, for lines that nobody sees."""
        for line in lines:
            self._is_fence(line)

    def _is_fence(self, line: str) -> bool:
        """Whether the line begins or ends fenced code; it has then done so."""
        stripped = line.strip()
        if not stripped.startswith(("```", "~~~")):
            return False
        rest = stripped.lstrip(stripped[0])
        fence = stripped[: len(stripped) - len(rest)]
        if not self._fence:
            if stripped[0] in rest:  # code within a line
                return False
            self._fence = fence
            return True
        if rest or not fence.startswith(self._fence):
            return False
        self._fence = ""
        return True


def _line(line: str) -> Row:
    stripped = line.strip()
    if not stripped:
        return Row("")
    if len(line) > text.LONGEST:  # it is cut where it is drawn
        return Row(line, "plain", INDENT)
    line = line.expandtabs(4)
    indent = INDENT + " " * min(len(line) - len(line.lstrip()), DEEPEST)
    if stripped[0] == "#" and (rest := stripped.lstrip("#"))[:1] == " " and len(stripped) - len(rest) <= 6:
        return _row(rest.strip(), "bold", indent + stripped[: -len(rest)] + " ")
    if stripped[0] == ">":
        return _row(stripped.lstrip("> "), "dim", indent + "│ ")
    if len(stripped) > 2 and stripped[0] in "-*_" and not stripped.strip(stripped[0] + " "):
        return Row(RULE, "dim", INDENT)
    if item := _ITEM.match(stripped):
        sign = "-" if item[1] in "*+" else item[1]
        return _row(stripped[item.end() :], "plain", f"{indent}{sign} ")
    return _row(stripped, "plain", indent)


def _row(content: str, style: str, mark: str) -> Row:
    parts = inline.parts(content, style)
    if parts == [(content, style)]:
        return Row(content, style, mark)
    return Row("", style, mark, tuple(parts))


def _is_under_head(line: str) -> bool:
    return "-" in line and len(line) <= text.LONGEST and _UNDER_HEAD.fullmatch(line) is not None


def _table(lines: list[str]) -> list[Row]:
    """The first cells of a row stand in columns, and the last one wraps beside them."""
    table = [[inline.plain(cell) for cell in _cells(line)] for line in lines]
    count = max(map(len, table))
    widths = [
        min(max(text.width(text.clean(row[at])) if at < len(row) else 0 for row in table), WIDEST)
        for at in range(count - 1)
    ]
    rows = []
    for number, (line, row) in enumerate(zip(lines, table, strict=True)):
        row += [""] * (count - len(row))
        mark = INDENT + "".join(
            _filled(cell, width) + " │ " for cell, width in zip(row, widths, strict=False)
        )
        rows.append(_row(([*_cells(line), *[""] * count])[count - 1], "plain" if number else "bold", mark))
    return [rows[0], Row(RULE, "dim", INDENT), *rows[1:]]


def _cells(line: str) -> list[str]:
    line = line[: text.LONGEST].strip()
    cells = _CELL.split(line.removeprefix("|"))
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]


def _filled(cell: str, width: int) -> str:
    return cell + " " * (width - text.width(text.clean(cell)))
