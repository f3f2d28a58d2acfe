"""How alike two short technical texts are, in per cent: whether two people mean the same thing in other words.

Whoever describes one mistake twice rarely gives it the same title, but nearly always the same remedy: so what to do
about it counts half as much as all that is said. Names in the code count less than one would think: every mistake of a
line quotes that line. What both quote is therefore no sign, and two texts that are full of names without sharing one
are about different things, however alike their sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple, TypeAlias

_Ratio: TypeAlias = Callable[..., float]

COMPARED, PAIRS = 500, 50_000
"""Characters of each text that are looked at, and pairs of texts that are compared for one list: more of them would
take minutes, and come only from agents that want that.
"""

_CODE = re.compile(
    r"`[^`]+`"
    r"|(?<![\w'\"])(?:'[^'\n]{1,80}'|\"[^\"\n]{1,80}\")(?!\w)"
    r"|\b\w+(?:(?:[./:=]+\w+)+|(?=\())"
    r"|\b(?:\w*[^\W_]_\w|\w*[a-z][A-Z])\w*"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"\w+")
_ENDINGS = re.compile(r"(?<=\w{3})(?:ations?|ation|ingly|edly|ings?|ies|ied|ions?|ed|es|ly|er|e|s)\Z")
_EMPTY = frozenset(
    _WORD.findall(
        "a add adding after all an and any are as at be because before but by call called calls can consider could do "
        "does each eg ensure ensuring every example for from has have if in into is it its lead leads make may might "
        "more must never no not of on once one only or other pass set should since so still such than that the their "
        "then there this to use using was when which while will with without would"
    )
)
"""Words that say nothing about what a text is about, in sentences of this kind."""
_LITERALS = frozenset(("none", "true", "false", "null", "self", "return"))


class Text(NamedTuple):
    """A text as it is compared: the stems of its words, and the names of the code in it."""

    stems: frozenset[str]
    remedy: str  # its stems, separated by blanks
    quoted: frozenset[str]  # names in what is said, without the remedy
    names: frozenset[str]
    words: frozenset[str]  # all words and names, to look for a name in


def text(said: str, remedy: str = "") -> Text:
    """What is said about something, and what to do about it."""
    said, remedy = said[:COMPARED], remedy[:COMPARED]
    both = f"{said} {remedy}"
    return Text(
        stems=frozenset(_stems(both)),
        remedy=" ".join(_stems(remedy)),
        quoted=frozenset(_names(said)),
        names=frozenset(_names(both)),
        words=frozenset((*map(_joined, _NAME.findall(both)), *map(_stem, _words(both)))),
    )


def alike(one: Text, other: Text, enough: float = 0.0) -> float:
    """From 0 to 100; 0 for what is less than `enough`.

    Two wordings of one mistake are mostly above 65, two mistakes in one line mostly below 60. Without a remedy to
    compare, it takes nearly the same words.
    """
    if one == other:
        return 100.0
    if one.names and other.names and not (one.names & other.words or other.names & one.words):
        return 0.0
    common = one.quoted & other.quoted
    mine, others = (" ".join(sorted(which.stems - common)) for which in (one, other))
    set_ratio, sort_ratio = _ratios()
    # What cannot come to enough any more is not worked out (score_cutoff): long texts would take long.
    if not one.remedy or not other.remedy:
        by_set = set_ratio(mine, others, score_cutoff=enough)
        found = by_set + sort_ratio(mine, others, score_cutoff=max(0.0, 100 + enough - by_set)) - 100
        return found if found >= max(enough, 0.0) else 0.0
    remedy = set_ratio(one.remedy, other.remedy, score_cutoff=max(0.0, 3 * enough - 200))
    left = 3 * enough - remedy
    by_set = set_ratio(mine, others, score_cutoff=max(0.0, left - 100))
    by_order = sort_ratio(mine, others, score_cutoff=max(0.0, left - by_set))
    found = (remedy + by_set + by_order) / 3
    return found if found >= enough else 0.0


def _words(said: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_HUMP.sub(" ", said))]


def _stems(said: str) -> Iterator[str]:
    return (_stem(word) for word in _words(said) if word not in _EMPTY)


@lru_cache(4096)
def _stem(word: str) -> str:
    return _ENDINGS.sub("", word)


def _names(said: str) -> Iterator[str]:
    for code in _CODE.findall(said):
        for name in _NAME.findall(code):
            joined = _joined(name)
            if len(joined) > 1 and not joined.isdigit() and joined not in _EMPTY | _LITERALS:
                yield joined


def _joined(name: str) -> str:
    """A name in one form for all ways of writing it: get_or_create, GetOrCreate."""
    return _stem(name.replace("_", "").casefold())


@cache
def _ratios() -> tuple[_Ratio, _Ratio]:
    """What rapidfuzz has for the words of two texts. It is loaded where it is needed: that takes 40 ms."""
    from rapidfuzz import fuzz

    return fuzz.token_set_ratio, fuzz.token_sort_ratio
