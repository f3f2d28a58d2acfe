"""What a child says of the work that it has done on an item."""

from __future__ import annotations

from msgspec import Struct, json

from tmuxorch.core import text
from tmuxorch.core.said import UNREADABLE, block, lines


class ContractChange(Struct, frozen=True, kw_only=True):
    """A contract that has another shape now than was agreed on."""

    name: str
    shape: str
    why: str


class WorkAnswer(Struct, frozen=True, kw_only=True):
    """Answer to an item or fix turn: what was done, which contracts are not what they were, what is open."""

    summary: str
    contract_changes: tuple[ContractChange, ...]
    open_questions: tuple[str, ...]


def read(message: str) -> WorkAnswer:
    """The answer in `message`, clipped; words that are no such answer are the summary, and nothing else."""
    try:
        said = json.decode(message, type=WorkAnswer)
    except UNREADABLE:
        return WorkAnswer(summary=block(message), contract_changes=(), open_questions=())
    changes = (
        ContractChange(name=text.line(block(one.name)), shape=block(one.shape), why=block(one.why))
        for one in said.contract_changes
    )
    return WorkAnswer(
        summary=block(said.summary),
        contract_changes=tuple(change for change in changes if change.name),
        open_questions=lines(said.open_questions),
    )
