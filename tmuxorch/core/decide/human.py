"""Human tasks of a plan: the card that says everything that a person needs, and what the answer makes of the item."""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import HumanKind, Plan, PlanItem, dependents
from tmuxorch.core.secrets import KEPT_BACK
from tmuxorch.errors import UsageError

GO = m.Choice("go", "it goes on")
NO_GO = m.Choice("no-go", "what waits for this is given up, and everything else goes on")

KINDS = {
    HumanKind.DEVICE: "device test",
    HumanKind.UX: "UX check",
    HumanKind.CREDENTIALS: "credentials",
    HumanKind.GO_NO_GO: "go/no-go",
    HumanKind.DECISION: "product decision",
}

ANSWER = "answer"
"""The field of the answer."""


def card(run: m.Run, item: PlanItem) -> m.Card:
    """What a person is shown of a human task."""
    assert run.plan is not None
    assert item.human is not None
    human = item.human
    decides = human.kind is HumanKind.GO_NO_GO
    field = m.Field(
        id=ANSWER,
        label="the secret: it is passed on, and never stored or shown"
        if human.secret
        else _question(human.expect),
        options=options(human.expect) if human.kind is HumanKind.DECISION else (),
        other=True,
        secret=human.secret,
    )
    return m.Card(
        kind=m.CheckpointKind.HUMAN,
        title=f"{KINDS[human.kind]}: {item.title}",
        body="\n\n".join(
            part
            for part in (item.instructions, _places(run, run.plan, item), _blocked(run.plan, item))
            if part
        ),
        do=human.do,
        expect=human.expect,
        choices=(GO, NO_GO) if decides else (),
        fields=() if decides else (field,),
    )


def renew(draft: Draft, run: m.Run, item: PlanItem, checkpoint: m.Checkpoint) -> None:
    """The plan was edited while its human task waits: what waits for that is shown as it is now."""
    if item.human is None or not checkpoint.is_open or not isinstance(checkpoint.origin, m.FromHumanItem):
        return
    now = card(run, item)
    if (digest := gates.digest(now)) != checkpoint.digest:
        draft.emit(e.CheckpointChanged(id=checkpoint.id, card=now, digest=digest))


def options(expect: str) -> tuple[m.Choice, ...]:
    """The answers that are offered: lines `- KEY: what it means` of what is expected."""
    offered = (line[2:].partition(":") for line in expect.splitlines() if line.startswith("- "))
    return tuple(m.Choice(key.strip(), label.strip()) for key, _, label in offered if key.strip())


def _question(expect: str) -> str:
    return " ".join(line for line in expect.splitlines() if not line.startswith("- ")) or expect


def _places(run: m.Run, plan: Plan, item: PlanItem) -> str:
    """Where the work is that the task depends on, unless it is in the repos themselves."""
    needs, before, left = plan.all_needs(), set[str](), [item.id]
    while left:
        more = set(needs.get(left.pop(), ())) - before
        before |= more
        left += more
    owners = dict.fromkeys(one.owner for one in plan.items if one.id in before)
    places = ((owner, run.places.get(owner)) for owner in owners)
    rows = [
        f"  {owner}  {place.path}  (branch {place.branch})"
        for owner, place in places
        if place and place.worktree
    ]
    return "\n".join(["The work that it is about:", *rows]) if rows else ""


def _blocked(plan: Plan, item: PlanItem) -> str:
    waiting = (plan.item(name) for name in dependents(plan, item.id))
    rows = [f"  {one.id}  {one.owner}  {one.title}" for one in waiting if one]
    return "\n".join(["Until then these items wait:", *rows]) if rows else "No other item waits for it."


def take(draft: Draft, run: m.Run, item: str, checkpoint: m.Checkpoint) -> None:
    """The answer is what the item came to, and is told to what depends on it."""
    assert isinstance(checkpoint.state, m.Answered)
    answer, by = checkpoint.state.answer, checkpoint.state.by
    if answer.choice == NO_GO.key:
        said = _words(answer)
        draft.emit(
            e.ItemMoved(
                run=run.id, item=item, progress=m.ItemFailed(reason=f"{said} (by {by})"), decision=said
            )
        )
        return
    said = _words(answer)
    if not said:
        raise UsageError(
            f"item {item} wants an answer in words", hint=f'tmuxorch answer {checkpoint.id} "what you saw"'
        )
    known = run.items[item].decisions
    draft.emit(
        e.ItemMoved(run=run.id, item=item, progress=m.ItemDone(), decision="" if said in known else said)
    )


def _words(answer: m.Answer) -> str:
    """What was said, as it was said."""
    if ANSWER in answer.secrets:
        return KEPT_BACK
    said = answer.values.get(ANSWER) or answer.text
    return ": ".join(part for part in (answer.choice, said) if part)
