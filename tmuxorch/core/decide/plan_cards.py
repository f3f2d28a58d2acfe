"""The cards of a plan at its gate, and of a change of it: the whole, as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import LEAD, Contract, PlanItem
from tmuxorch.core.plan_changes import details, difference, headline

KEEP = m.Choice("keep", "keep the plan as it is, and go on")


def is_open(state: m.State, origin: m.Origin) -> bool:
    """Whether a checkpoint of that origin waits for an answer."""
    return any(one.origin == origin and one.is_open for one in state.checkpoints.values())


def show(draft: Draft, origin: m.Origin, card: m.Card, blocks: tuple[str, ...] = ()) -> None:
    """A checkpoint of that origin is open with that card: a new one, or the one that is there, renewed."""
    for checkpoint in draft.state.checkpoints.values():
        if checkpoint.origin == origin and checkpoint.is_open:
            if (digest := gates.digest(card)) != checkpoint.digest:
                draft.emit(e.CheckpointChanged(id=checkpoint.id, card=card, digest=digest))
            return
    gates.open_gate(draft, LEAD, "", origin, card, blocks)


def gate(run: m.Run) -> m.Card:
    """The gate between a plan and its execution."""
    assert run.plan is not None
    return m.Card(
        kind=m.CheckpointKind.PLAN,
        title=f"the plan of {run.id}: {len(run.plan.items)} items",
        body="\n".join(_whole(run)),
        do="Read plan.md. Edit it where it is wrong; what it says when you accept is what is executed.",
        expect="accept, or revise with the change you wish as text, or decline to end the run.",
        choices=(
            m.Choice("accept", "execute the plan as plan.md has it"),
            m.Choice("revise", "have the lead plan again, with your words"),
            m.Choice("decline", "end the run; nothing is changed"),
        ),
    )


def _whole(run: m.Run) -> Iterator[str]:
    plan = run.plan
    assert plan is not None
    yield plan.objective
    for title, lines in (
        ("Success criteria", plan.success_criteria),
        ("Parallel work", plan.parallel),
        ("Human checkpoints", plan.human_checkpoints),
        ("Risks and open questions", plan.risks),
    ):
        if lines:
            yield from ("", f"{title}:", *(f"  {line}" for line in lines))
    groups: tuple[tuple[str, Sequence[PlanItem | Contract]], ...] = (
        ("Items", [item for item in plan.items if item.human is None]),
        ("What a human does", [item for item in plan.items if item.human is not None]),
        ("Contracts", plan.contracts),
    )
    for title, parts in groups:
        for number, part in enumerate(parts):
            yield from ("", f"{title}:") if not number else ("",)
            yield headline(part)
            yield from (f"    {line}" for line in details(part))


def change(run: m.Run) -> m.Card:
    """The change of the plan that the lead proposes: what is another then, and why it was asked for."""
    assert run.plan is not None
    assert run.replan is not None
    assert run.replan.proposal is not None
    lines = difference(run.plan, run.replan.proposal)
    return m.Card(
        kind=m.CheckpointKind.PLAN,
        title=f"a change of the plan of {run.id}",
        body="\n".join(
            [
                "Why:",
                *(f"  {line}" for cause in run.replan.causes for line in cause.splitlines()),
                "",
                *(
                    ("What changes:", *(f"  {line}" for line in lines))
                    if lines
                    else ("The lead changes nothing.",)
                ),
            ]
        ),
        do="Read what would be another in plan.md. You may edit plan.md as well; what you write there stays.",
        expect="accept, or revise with what you wish as text, or keep the plan, or abort the run.",
        choices=(
            m.Choice("accept", "put the change in force"),
            m.Choice("revise", "have the lead propose another change, with your words"),
            KEEP,
            gates.ABORT,
        ),
    )
