"""The items of the plan as rows."""

from __future__ import annotations

from tmuxorch.cli import render
from tmuxorch.cli.output import Json
from tmuxorch.cli.screens.cells import Known, age, tokens
from tmuxorch.cli.screens.lines import Part
from tmuxorch.cli.screens.plan_view import SETTLED, Branch, branches
from tmuxorch.cli.screens.rows import SIGNS, UNKNOWN, Kind, Row, Section, Words, said

FLAGGED = "waiting"
"""An item that has to be looked at again is as urgent as one that waits."""


def plan(known: Known) -> Section:
    """The plan of the run."""
    items = (known.status.get("run") or {}).get("items") or ()
    owners = {child["name"]: child for child in known.status["children"]}
    done = sum(item["status"] in SETTLED for item in items)
    return Section(
        title="plan",
        told=f"{done} of {len(items)} done",
        rows=[
            _item(known, one, owners.get(one.item["owner"]) or {}) for one in branches(items, known.glyphs)
        ],
        keeps=(0, 1),
    )


def _item(known: Known, branch: Branch, owner: Json) -> Row:
    of = branch.item
    sign, style, group = SIGNS[FLAGGED] if of.get("flag") else SIGNS.get(of["status"], UNKNOWN)
    return Row(
        id=f"item {of['item']}",
        kind=Kind.ITEM,
        group=group,
        style=style,
        lead=branch.prefix + known.sign(sign, of["item"]),
        cells=(of["status"], known.line(of["owner"])),
        words=_words(known, branch, owner),
        window=owner.get("window"),
        of=of,
    )


def _words(known: Known, branch: Branch, owner: Json) -> Words:
    of = branch.item
    attempts = of.get("attempts") or 0
    notes: list[Part] = [
        (of.get("flag") or "", "yellow"),
        (known.waiting_for("item", of["item"]), "yellow"),
        (render.AWAITS_LEAD if of.get("awaits_lead") else "", "yellow"),
        (f"after {', '.join(branch.after)}" if branch.after else "", "dim"),
        (f"holds {branch.holds}" if branch.holds else "", "bold" if branch.holds > 1 else "dim"),
        (f"contract {of['contract']}" if of.get("contract") else "", "dim"),
        (f"{attempts} turns" if attempts > 1 else "", "dim"),
        (f"{of['fixes']} fixes" if of.get("fixes") else "", "dim"),
        (tokens(of), "dim"),
    ]
    plain = "dim" if of["status"] in (*SETTLED, "pending") else ""
    fixed = (
        (known.line(of["title"]), plain),
        *((known.dotted(words), style) for words, style in notes if words),
    )
    since = owner.get("since") if of["status"] == "running" else None
    if not since:
        return lambda now: fixed
    begun = age(since)
    return lambda now: (*fixed, (known.dotted(said(begun, now)), "dim"))
