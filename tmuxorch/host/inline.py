"""Bold, italic, code and links within a line of Markdown. What is not surely one of these stays as it was written:
`__init__`, `*args`, `2 * 3`, `src/**/*.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

MOST = 300  # tokens of a line

Part = tuple[str, str]  # a text and its style

_TOKEN = re.compile(
    r"\\[\\`*_\[\]|#]"
    r"|`+"
    r"|\*+|_+"
    r"|!?\[([^\[\]\\]{1,300})\]\(<?([^()\s<>]{1,1000})>?(?:\s+\"[^\"]{0,300}\")?\)"
)
_BEGINS = "\"'“‘([`<$@*_"  # what text in bold or italics may begin with, besides letters and digits


_MARKS = ("*", "_", "**", "***")


class _Mark:
    """One of _MARKS: it opens or closes something if it has found its other one."""

    def __init__(self, sign: str, opens: bool, closes: bool) -> None:
        self.sign, self.opens, self.closes = sign, opens, closes
        self.paired = False


def parts(line: str, style: str) -> list[Part]:
    """The line in parts, one after another; `style` is that of what has none of its own. One of very many parts, which
    nobody writes for people, is left as it is."""
    tokens = list(islice(_tokens(line), MOST))
    if len(tokens) == MOST:
        return [(line, style)]
    _pair([token for token in tokens if isinstance(token, _Mark)])
    found: list[Part] = []
    bold = italic = False
    for token in tokens:
        if isinstance(token, _Mark) and token.paired:
            bold ^= len(token.sign) > 1
            italic ^= len(token.sign) == 1
            continue
        content, own = (token.sign, "") if isinstance(token, _Mark) else token
        _add(found, content, own or ("bold" if bold else "italic" if italic else style))
    return found


def plain(line: str) -> str:
    """The same without styles."""
    return "".join(content for content, _ in parts(line, ""))


def _add(found: list[Part], content: str, style: str) -> None:
    if found and found[-1][1] == style:
        found[-1] = (found[-1][0] + content, style)
    elif content:
        found.append((content, style))


def _tokens(line: str) -> Iterator[Part | _Mark]:
    """Texts with a style ("" is that of what stands around), and marks."""
    at = 0
    unclosed = set[str]()
    while token := _TOKEN.search(line, at):
        begin, sign = token.start(), token[0]
        yield line[at:begin], ""
        at = token.end()
        if sign[0] == "\\":
            yield sign[1], ""
        elif sign[0] == "`":
            end = -1 if sign in unclosed else _closing(line, sign, at)
            if end < 0:
                unclosed.add(sign)
                yield sign, ""
                continue
            yield _code(line[at:end]), "cyan"
            at = end + len(sign)
        elif token[2]:
            yield from _link(token[1], token[2])
        elif sign in _MARKS:
            yield _mark(sign, line[begin - 1 : begin] if begin else "", line[at : at + 1])
        else:
            yield sign, ""
    yield line[at:], ""


def _closing(line: str, ticks: str, at: int) -> int:
    """Where the same number of backticks stands next, -1 if nowhere."""
    while (at := line.find(ticks, at)) >= 0:
        end = len(line) - len(line[at:].lstrip("`"))
        if end - at == len(ticks):
            return at
        at = end
    return -1


def _code(content: str) -> str:
    """Without the spaces that keep backticks in it from those around it."""
    return content[1:-1] if content.strip() and content[0] == content[-1] == " " else content


def _link(label: str, url: str) -> Iterator[Part]:
    style = "cyan" if label[0] == "`" else ""
    label = label.strip("`*_ ") or label
    yield label, style
    if label != url:
        yield f" ({url})", "dim"


def _mark(sign: str, before: str, after: str) -> _Mark:
    opens = not _is_word(before) and (_is_word(after) or (after != "" and after in _BEGINS))
    closes = before != "" and not before.isspace() and not _is_word(after)
    return _Mark(sign, opens, closes)


def _is_word(char: str) -> bool:
    return char.isalnum() or char > "\u024f"


def _pair(marks: list[_Mark]) -> None:
    """Each that closes takes the last that opens; what was opened within and not closed stays as it is."""
    opened: list[_Mark] = []
    for mark in marks:
        at = max((n for n, other in enumerate(opened) if other.sign == mark.sign), default=-1)
        if mark.closes and at >= 0:
            opened[at].paired = mark.paired = True
            del opened[at:]
        elif mark.opens and at < 0:
            opened.append(mark)
