"""Reading plan.md, also after somebody edited it."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxorch.core import text
from tmuxorch.core.plan import ChildContext, Human, ItemStatus, Plan, PlanItem, normal
from tmuxorch.errors import PlanError
from tmuxorch.ledger import inline
from tmuxorch.ledger import plan_parts as p
from tmuxorch.ledger.page import (
    Node,
    Page,
    Row,
    first_line,
    folded,
    label,
    level,
    nearest,
    title,
    without_label,
)


def parse(markdown: str) -> Plan:
    """The plan that plan.md describes, in its normal form.

    Raises PlanError for a document that is not understood, naming the line and what is expected there. Whether
    the plan makes sense is another question (core.plan.problems).
    """
    page = Page(markdown, "plan.md", PlanError)
    sections, details = _ours(page)
    return normal(
        Plan(
            objective=_objective(page, sections[p.OBJECTIVE]),
            success_criteria=_lines(page, sections[p.CRITERIA]),
            children=_children(page, sections[p.CHILDREN]),
            items=_items(page, sections[p.WORK], details),
            parallel=_lines(page, sections[p.PARALLEL]),
            human_checkpoints=_lines(page, sections[p.HUMAN]),
            risks=_lines(page, sections[p.RISKS]),
        )
    )


def _ours(page: Page) -> tuple[dict[str, p.Part], list[p.Part]]:
    """The sections by their names, each there once, and the items' sub-sections."""
    sections: dict[str, p.Part] = {}
    details = []
    for part in p.parts(page):
        if part.item is not None:
            details.append(part)
        elif not part.foreign:
            if part.section in sections:
                raise page.wrong(part.start, f"the section '## {part.section}' is there twice")
            sections[part.section] = part
    for name in p.SECTIONS:
        if name not in sections:
            raise _missing(page, name)
    return sections, details


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


def _items(page: Page, part: p.Part, details: Sequence[p.Part]) -> tuple[PlanItem, ...]:
    """The rows of the Working Plan, each with its sub-section, if it has one."""
    waiting: dict[str, list[p.Part]] = {}
    for detail in details:
        assert detail.item is not None
        waiting.setdefault(inline.unescape(detail.item[0]), []).append(detail)
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
    found = _details(page, detail) if detail else {}
    blocks = {
        name: page.block_of(found[name], name) for name in (p.INSTRUCTIONS, p.DO, p.EXPECT) if name in found
    }
    lines = {name: _line(page, found[name]) for name in (p.CONTRACT, p.RISK) if name in found}
    return PlanItem(
        id=inline.unescape(row.cells[0]),
        title=inline.unescape(detail.item[1]) if detail and detail.item else "",
        owner=inline.unescape(row.cells[1]),
        depends=tuple(inline.read_ids(row.cells[2])),
        status=_status(page, row),
        verification=_codes(page, row.line, row.cells[4], "the commands"),
        scope=_codes(page, first_line(found[p.SCOPE]), _source(page, found[p.SCOPE]), "the paths")
        if p.SCOPE in found
        else (),
        contract=lines.get(p.CONTRACT, ""),
        instructions=blocks.get(p.INSTRUCTIONS, ""),
        risk=lines.get(p.RISK, ""),
        human=Human(do=blocks.get(p.DO, ""), expect=blocks.get(p.EXPECT, ""))
        if blocks.keys() & {p.DO, p.EXPECT}
        else None,
    )


def _status(page: Page, row: Row) -> ItemStatus:
    word = folded(row.cells[3])
    if word not in list(ItemStatus):
        known = ", ".join(ItemStatus)
        raise page.wrong(
            row.line, f"unknown status {row.cells[3]!r}{nearest(word, list(ItemStatus))}; known: {known}"
        )
    return ItemStatus(word)


def _codes(page: Page, line: int, source: str, what: str) -> tuple[str, ...]:
    found = inline.read_codes(source)
    if found is None:
        raise page.wrong(line, f"expected {what} in backticks, separated by commas: `one`, `two`")
    return tuple(map(text.line, found))


def _details(page: Page, part: p.Part) -> dict[str, Node]:
    """The bullets of an item's sub-section by their labels."""
    known = {folded(name): name for name in p.DETAILS}
    expected = ", ".join(f"**{name}:**" for name in p.DETAILS)
    found: dict[str, Node] = {}
    for bullet in page.bullets(part.blocks, f"bullets with the labels {expected}"):
        said = label(page.inside(bullet))
        name = known.get(folded(said))
        if name is None:
            raise page.wrong(
                first_line(bullet),
                f"expected a bullet with one of the labels {expected}{nearest(said, p.DETAILS)}",
            )
        if name in found:
            raise page.wrong(first_line(bullet), f"{name} is there twice")
        found[name] = bullet
    return found


def _source(page: Page, bullet: Node) -> str:
    return without_label(page.line_of(bullet))


def _line(page: Page, bullet: Node) -> str:
    return inline.unescape(_source(page, bullet))
