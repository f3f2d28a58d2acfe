"""How plan.md is divided: upstream's sections, the items below the Working Plan, the contracts below Parallel Work, and
what is somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tmuxorch.ledger import inline
from tmuxorch.ledger.page import Node, Page, first_line, folded, level, title

OBJECTIVE = "Objective"
CRITERIA = "Success Criteria"
CHILDREN = "Child Context"
WORK = "Working Plan"
PARALLEL = "Parallel Work"
HUMAN = "Human Checkpoints"
RISKS = "Risks And Open Questions"
SECTIONS = (OBJECTIVE, CRITERIA, CHILDREN, WORK, PARALLEL, HUMAN, RISKS)

CHILD_COLUMNS = ("Child", "Role", "Current State", "Key Docs Pulled", "Commit / Release Notes")
WORK_COLUMNS = ("Item", "Owner", "Dependencies", "Status", "Verification")

SCOPE = "Scope"
CONTRACT = "Contract"
INSTRUCTIONS = "Instructions"
RISK = "Risk"
REQUESTS = "Requests"
KIND = "Kind"
DO = "Do"
EXPECT = "Expect"
SECRET = "Secret"
ITEM_LABELS = (SCOPE, CONTRACT, INSTRUCTIONS, RISK, REQUESTS, KIND, DO, EXPECT, SECRET)

PRODUCER = "Producer"
CONSUMERS = "Consumers"
PATHS = "Paths"
STATUS = "Status"
SHAPE = "Shape"
CONTRACT_LABELS = (PRODUCER, CONSUMERS, PATHS, STATUS, SHAPE)

_ITEM = re.compile(r"item(?: |\Z)((?:\\.|[^\\:])*)(?::(.*))?\Z", re.IGNORECASE)
_CONTRACT = re.compile(r"contract(?: (.*)|\Z)", re.IGNORECASE)
_NAMES = {folded(name): name for name in SECTIONS}


class Part(NamedTuple):
    """A stretch of lines: a heading and what belongs to it, or what is before the first one.

    Ours are the sections (`section`) and their sub-sections: items of the Working Plan and contracts of Parallel Work
    (`section` and `named`, the Markdown sources of the item's id and title, or of the contract's name).
    Everything else is foreign: in a section of ours, or outside of them (`section` empty). `blocks` are without the
    heading, which is in line `start`.
    """

    section: str
    named: tuple[str, str] | None
    foreign: bool
    start: int
    end: int
    blocks: Sequence[Node]


class _Start(NamedTuple):
    """Where a part begins. Deeper headings than `depth` belong to a foreign part."""

    block: int
    line: int
    depth: int
    section: str
    named: tuple[str, str] | None
    foreign: bool


def parts(page: Page) -> list[Part]:
    """The document from its first line to its last, in parts."""
    starts = [_Start(block=-1, line=0, depth=2, section="", named=None, foreign=True)]
    for number, block in enumerate(page.blocks):
        depth = level(block)
        if depth and not (starts[-1].foreign and depth > starts[-1].depth):
            starts.append(_start(number, block, depth, starts[-1].section))
    ends = [(start.block, start.line) for start in starts[1:]] + [(len(page.blocks), len(page.lines))]
    return [
        Part(
            start.section, start.named, start.foreign, start.line, line, page.blocks[start.block + 1 : block]
        )
        for start, (block, line) in zip(starts, ends, strict=True)
    ]


def _start(number: int, heading: Node, depth: int, section: str) -> _Start:
    named = None
    if depth <= 2:
        section = _NAMES.get(folded(title(heading)), "") if depth == 2 else ""
        foreign = not section
    else:
        named = _named(heading, section) if depth == 3 else None
        foreign = named is None
    return _Start(number, first_line(heading), max(depth, 2), section, named, foreign)


def _named(heading: Node, section: str) -> tuple[str, str] | None:
    if section == WORK and (found := _ITEM.match(title(heading))):
        return found[1].strip(), (found[2] or "").strip()
    if section == PARALLEL and (found := _CONTRACT.match(title(heading))):
        return (found[1] or "").strip(), ""
    return None


def item_heading(item_id: str, item_title: str) -> str:
    """The heading of an item's sub-section."""
    return f"### Item {inline.escape_id(item_id)}: {inline.escape_title(item_title)}".rstrip()


def contract_heading(name: str) -> str:
    """The heading of a contract's sub-section."""
    return f"### Contract {inline.escape_title(name)}".rstrip()
