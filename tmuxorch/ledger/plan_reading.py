"""Reading plan.md, also after somebody edited it."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.core.plan import ChildContext, ItemStatus, Plan, PlanItem, normal
from tmuxorch.errors import PlanError
from tmuxorch.ledger import inline
from tmuxorch.ledger import plan_details as details
from tmuxorch.ledger import plan_parts as p
from tmuxorch.ledger.page import (
    Page,
    Row,
    first_line,
    level,
    nearest,
    title,
)


def parse(markdown: str) -> Plan:
    """The plan that plan.md describes, in its normal form.

    Raises PlanError for a document that is not understood, naming the line and what is expected there. Whether
    the plan makes sense is another question (core.plan.problems).
    """
    page = Page(markdown, "plan.md", PlanError)
    sections, items, contracts = _ours(page)
    return normal(
        Plan(
            objective=_objective(page, sections[p.OBJECTIVE]),
            success_criteria=_lines(page, sections[p.CRITERIA]),
            children=_children(page, sections[p.CHILDREN]),
            items=_items(page, sections[p.WORK], items),
            parallel=_lines(page, sections[p.PARALLEL]),
            contracts=tuple(details.contract(page, part) for part in contracts),
            human_checkpoints=_lines(page, sections[p.HUMAN]),
            risks=_lines(page, sections[p.RISKS]),
        )
    )


def _ours(page: Page) -> tuple[dict[str, p.Part], list[p.Part], list[p.Part]]:
    """The sections by their names, each there once, and the sub-sections of the items and of the contracts."""
    sections: dict[str, p.Part] = {}
    items: list[p.Part] = []
    contracts: list[p.Part] = []
    for part in p.parts(page):
        if part.named is not None:
            (items if part.section == p.WORK else contracts).append(part)
        elif not part.foreign:
            if part.section in sections:
                raise page.wrong(part.start, f"the section '## {part.section}' is there twice")
            sections[part.section] = part
    for name in p.SECTIONS:
        if name not in sections:
            raise _missing(page, name)
    return sections, items, contracts


def _missing(page: Page, name: str) -> Exception:
    for block in page.blocks:
        if level(block) and nearest(title(block), [name]):
            return page.wrong(first_line(block), f"expected the heading '## {name}'")
    return page.wrong(len(page.lines), f"the file ends without the section '## {name}'")


def _objective(page: Page, part: p.Part) -> str:
    """One bullet; or paragraphs, as somebody may have typed it."""
    if not part.blocks:
        return ""
    if all(block.type == "paragraph" for block in part.blocks):
        return page.block_between(first_line(part.blocks[0]), part.end, part.blocks)
    bullets = page.bullets(part.blocks, "the objective as one bullet")
    if len(bullets) > 1:
        raise page.wrong(first_line(bullets[1]), "expected one bullet: the objective")
    return page.block_of(bullets[0])


def _lines(page: Page, part: p.Part) -> tuple[str, ...]:
    bullets = page.bullets(part.blocks, "bullets")
    return tuple(inline.unescape(page.line_of(bullet)) for bullet in bullets)


def _children(page: Page, part: p.Part) -> tuple[ChildContext, ...]:
    rows = page.table(part.start, part.blocks, p.CHILD_COLUMNS)
    return tuple(
        ChildContext(child=child, role=role, current_state=current, key_docs=docs, releases=releases)
        for child, role, current, docs, releases in (map(inline.unescape, row.cells) for row in rows)
    )


def _items(page: Page, part: p.Part, subsections: Sequence[p.Part]) -> tuple[PlanItem, ...]:
    """The rows of the Working Plan, each with its sub-section, if it has one."""
    waiting: dict[str, list[p.Part]] = {}
    for detail in subsections:
        assert detail.named is not None
        waiting.setdefault(inline.unescape(detail.named[0]), []).append(detail)
    items = []
    for row in page.table(part.start, part.blocks, p.WORK_COLUMNS):
        mine = waiting.get(inline.unescape(row.cells[0]))
        items.append(_item(page, row, mine.pop(0) if mine else None))
    for item_id, left in waiting.items():
        if left:
            raise page.wrong(
                left[0].start,
                f"item {item_id} has this sub-section, but no row of its own in the Working Plan",
            )
    return tuple(items)


def _item(page: Page, row: Row, detail: p.Part | None) -> PlanItem:
    return details.item(
        page,
        detail,
        PlanItem(
            id=inline.unescape(row.cells[0]),
            title=inline.unescape(detail.named[1]) if detail and detail.named else "",
            owner=inline.unescape(row.cells[1]),
            depends=tuple(inline.read_ids(row.cells[2])),
            status=details.word(page, row.line, row.cells[3], ItemStatus, "status"),
            verification=details.codes(page, row.line, row.cells[4], "the commands"),
        ),
    )
