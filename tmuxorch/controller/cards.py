"""Between Codex's requests and the core's cards: the same shapes on both sides, converted member by member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, convert, to_builtins

from tmuxorch.codex import approvals
from tmuxorch.codex import card as wire
from tmuxorch.codex.items import ThreadItem
from tmuxorch.core import model as m
from tmuxorch.errors import Refused


def card(method: str, params: bytes | Raw, items: Mapping[str, ThreadItem]) -> m.Card:
    """What a person is shown; `items` are the thread items seen so far, by id.

    Raises Refused for a method that nobody can be asked about, TmuxorchError for a shape that is not known.
    """
    if not approvals.is_known(method):
        raise Refused(f"{method} is nothing that a person can be asked")
    shown = approvals.card(method, params, items.get(approvals.about(params).item))
    return convert(to_builtins(shown), m.Card)


def reply(method: str, params: str, answer: m.Answer) -> dict[str, Any]:
    """The result for the wire. Raises UsageError naming the choice or field that is not right."""
    given = wire.Answer(choice=answer.choice, text=answer.text, values=answer.values)
    return approvals.reply(method, params.encode(), given)
