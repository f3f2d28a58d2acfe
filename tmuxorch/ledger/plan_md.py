"""plan.md: written from a plan and read back, with upstream's headings and columns.

`parse(render(plan, previous)) == plan` for every plan in its normal form (core.plan.normal), whatever was there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tmuxorch.core.plan import ChildContext, Contract, Plan, PlanItem, normal
from tmuxorch.ledger import blocks, inline
from tmuxorch.ledger import plan_parts as p
from tmuxorch.ledger.page import Page, folded, level, title
from tmuxorch.ledger.plan_reading import parse

__all__ = ["parse", "render"]

_ENDS_EMPTY = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)\Z")

Key = tuple[str, str]
"""A part of ours: its section, and its item's id or its contract's name (empty for the section itself)."""
Written = list[tuple[Key, str]]


def render(plan: Plan, previous: str = "") -> str:
    """The text of plan.md; what is foreign in `previous` stays, byte for byte, behind the part that it followed."""
    written = _written(normal(plan))
    page = _page(previous)
    whole = _joined(_around(written, page))
    if [_key(part) for part in p.parts(_page(whole)) if not part.foreign] == [key for key, _ in written]:
        return whole
    # Something foreign is not closed (a fence, a comment) and swallows what follows it, so it goes to the end.
    foreign = [page.source(part.start, part.end) for part in p.parts(page) if part.foreign]
    return _joined(["# Plan\n", *(text for _, text in written), "## Notes\n", "".join(foreign)])


@lru_cache(2)
def _page(source: str) -> Page:
    """Kept, as what was written is what the next writing finds."""
    return Page(source)


def _key(part: p.Part) -> Key:
    return part.section, inline.unescape(part.named[0]) if part.named else ""


def _around(written: Written, page: Page) -> Iterator[str]:
    """What is written, with the foreign parts of `page` in their places."""
    within, after = _foreign(page, {key for key, _ in written})
    if not any(level(block) == 1 and folded(title(block)) == "plan" for block in page.blocks):
        yield "# Plan\n"
    yield from after.get("", [])
    following = [section for (section, _), _ in written[1:]] + [""]
    for (key, text), next_section in zip(written, following, strict=True):
        yield text
        yield from within.pop(key, [])
        if key[0] != next_section:
            yield from after.get(key[0], [])


def _foreign(page: Page, keys: set[Key]) -> tuple[dict[Key, list[str]], dict[str, list[str]]]:
    """The foreign parts: those within sections by what they follow, those between sections by the section.

    What is in one piece there stays in one piece.
    """
    within: dict[Key, list[str]] = {}
    after: dict[str, list[str]] = {}
    anchor = ("", "")
    last: list[str] | None = None
    for part in p.parts(page):
        source = page.source(part.start, part.end)
        if not part.foreign:
            anchor = key if (key := _key(part)) in keys else anchor
            last = None
        elif part.section or source.strip():
            place = within.setdefault(anchor, []) if part.section else after.setdefault(anchor[0], [])
            if place is last:
                place[-1] += source
            else:
                place.append(source)
            last = place
    return within, after


def _joined(pieces: Iterable[str]) -> str:
    """The pieces with an empty line between them."""
    *before, last = pieces
    return "".join(map(_closed, before)) + last


def _closed(piece: str) -> str:
    if _ENDS_EMPTY.search(piece):
        return piece
    return piece + ("\n" if piece.endswith(("\r", "\n")) else "\n\n")


def _written(plan: Plan) -> Written:
    """Everything of ours, in upstream's order."""
    bodies = {
        p.OBJECTIVE: blocks.bullet(plan.objective) if plan.objective else "",
        p.CRITERIA: _bullets(plan.success_criteria),
        p.CHILDREN: blocks.table(p.CHILD_COLUMNS, (_child_cells(row) for row in plan.children)),
        p.WORK: blocks.table(p.WORK_COLUMNS, map(_item_cells, plan.items)),
        p.PARALLEL: _bullets(plan.parallel),
        p.HUMAN: _bullets(plan.human_checkpoints),
        p.RISKS: _bullets(plan.risks),
    }
    written: Written = []
    for section in p.SECTIONS:
        written.append(((section, ""), _under(f"## {section}", bodies[section])))
        if section == p.WORK:
            written += [
                ((section, item.id), _under(p.item_heading(item.id, item.title), "".join(_details(item))))
                for item in plan.items
            ]
        elif section == p.PARALLEL:
            written += [
                ((section, one.name), _under(p.contract_heading(one.name), "".join(_terms(one))))
                for one in plan.contracts
            ]
    return written


def _under(heading: str, body: str) -> str:
    return f"{heading}\n\n{body}".rstrip("\n") + "\n"


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {inline.escape_start(line)}\n" for line in lines)


def _child_cells(row: ChildContext) -> Iterator[str]:
    return map(inline.escape, (row.child, row.role, row.current_state, row.key_docs, row.releases))


def _item_cells(item: PlanItem) -> Iterator[str]:
    yield inline.escape_id(item.id)
    yield inline.escape(item.owner)
    yield ", ".join(map(inline.escape_id, item.depends))
    yield item.status
    yield inline.codes(item.verification)


def _details(item: PlanItem) -> Iterator[str]:
    """The bullets of an item's sub-section; what is empty is left out."""
    if item.scope:
        yield f"- **{p.SCOPE}:** {inline.codes(item.scope)}\n"
    if item.contract:
        yield f"- **{p.CONTRACT}:** {inline.escape(item.contract)}\n"
    if item.instructions:
        yield blocks.bullet(item.instructions, p.INSTRUCTIONS)
    if item.risk:
        yield f"- **{p.RISK}:** {inline.escape(item.risk)}\n"
    if item.requests:
        yield f"- **{p.REQUESTS}:** {', '.join(map(inline.escape_id, item.requests))}\n"
    if item.human is not None:
        yield f"- **{p.KIND}:** {item.human.kind}\n"
        yield blocks.bullet(item.human.do, p.DO)
        yield blocks.bullet(item.human.expect, p.EXPECT)
        if item.human.secret:
            yield f"- **{p.SECRET}:** yes\n"


def _terms(contract: Contract) -> Iterator[str]:
    """The bullets of a contract's sub-section."""
    yield f"- **{p.PRODUCER}:** {inline.escape(contract.producer)}".rstrip() + "\n"
    yield f"- **{p.CONSUMERS}:** {', '.join(map(inline.escape_id, contract.consumers))}".rstrip() + "\n"
    if contract.paths:
        yield f"- **{p.PATHS}:** {inline.codes(contract.paths)}\n"
    yield f"- **{p.STATUS}:** {contract.status}\n"
    yield blocks.bullet(contract.shape, p.SHAPE)
