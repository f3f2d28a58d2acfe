"""Reading the sub-sections of plan.md: the details of an item, and a contract. Each is bullets with labels."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from msgspec.structs import replace

from tmuxorch.core import text
from tmuxorch.core.plan import Contract, ContractStatus, Human, HumanKind, PlanItem
from tmuxorch.ledger import inline
from tmuxorch.ledger import plan_parts as p
from tmuxorch.ledger.page import Node, Page, first_line, folded, label, nearest, without_label

Word = TypeVar("Word", bound=StrEnum)
_YES_NO = {"yes": True, "no": False}


def item(page: Page, part: p.Part | None, row: PlanItem) -> PlanItem:
    """The item of a row of the Working Plan with what its sub-section adds, if it has one."""
    found = _Bullets(page, part, p.ITEM_LABELS) if part else None
    if found is None:
        return row
    return replace(
        row,
        scope=found.codes(p.SCOPE, "the paths"),
        contract=found.line(p.CONTRACT),
        instructions=found.block(p.INSTRUCTIONS),
        risk=found.line(p.RISK),
        requests=found.names(p.REQUESTS),
        human=_human(found),
    )


def _human(found: _Bullets) -> Human | None:
    if not any(name in found for name in (p.KIND, p.DO, p.EXPECT, p.SECRET)):
        return None
    return Human(
        do=found.block(p.DO),
        expect=found.block(p.EXPECT),
        kind=found.word(p.KIND, HumanKind.DECISION),
        secret=found.yes(p.SECRET),
    )


def contract(page: Page, part: p.Part) -> Contract:
    """The contract of a sub-section of Parallel Work."""
    assert part.named is not None
    found = _Bullets(page, part, p.CONTRACT_LABELS)
    return Contract(
        name=inline.unescape(part.named[0]),
        producer=found.line(p.PRODUCER),
        consumers=found.names(p.CONSUMERS),
        shape=found.block(p.SHAPE),
        paths=found.codes(p.PATHS, "the paths"),
        status=found.word(p.STATUS, ContractStatus.PROPOSED),
    )


def codes(page: Page, line: int, source: str, what: str) -> tuple[str, ...]:
    """The contents of the code spans that `source`, found in `line`, consists of."""
    found = inline.read_codes(source)
    if found is None:
        raise page.wrong(line, f"expected {what} in backticks, separated by commas: `one`, `two`")
    return tuple(map(text.line, found))


def word(page: Page, line: int, source: str, known: type[Word], what: str) -> Word:
    """The one of the words `known` that `source`, found in `line`, is."""
    said = folded(source)
    if said not in list(known):
        raise page.wrong(
            line, f"unknown {what} {source!r}{nearest(said, list(known))}; known: {', '.join(known)}"
        )
    return known(said)


class _Bullets:
    """The bullets of a sub-section by their labels. What has no bullet is empty."""

    def __init__(self, page: Page, part: p.Part, labels: Sequence[str]) -> None:
        self._page = page
        self._found: dict[str, Node] = {}
        known = {folded(name): name for name in labels}
        expected = ", ".join(f"**{name}:**" for name in labels)
        for bullet in page.bullets(part.blocks, f"bullets with the labels {expected}"):
            said = label(page.inside(bullet))
            name = known.get(folded(said))
            if name is None:
                raise page.wrong(
                    first_line(bullet),
                    f"expected a bullet with one of the labels {expected}{nearest(said, labels)}",
                )
            if name in self._found:
                raise page.wrong(first_line(bullet), f"{name} is there twice")
            self._found[name] = bullet

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def _source(self, name: str) -> str:
        return without_label(self._page.line_of(self._found[name])) if name in self else ""

    def line(self, name: str) -> str:
        return inline.unescape(self._source(name))

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(inline.read_ids(self._source(name)))

    def block(self, name: str) -> str:
        return self._page.block_of(self._found[name], name) if name in self else ""

    def codes(self, name: str, what: str) -> tuple[str, ...]:
        return codes(self._page, self._line(name), self._source(name), what) if name in self else ()

    def word(self, name: str, default: Word) -> Word:
        if name not in self:
            return default
        return word(self._page, self._line(name), self._source(name), type(default), name.lower())

    def yes(self, name: str) -> bool:
        said = folded(self._source(name))
        if said and said not in _YES_NO:
            raise self._page.wrong(self._line(name), f"expected yes or no, found {said!r}")
        return _YES_NO.get(said, False)

    def _line(self, name: str) -> int:
        return first_line(self._found[name])
