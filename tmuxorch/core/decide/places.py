"""Where a child's items are worked on: its repo, or a worktree of it.

While an owner of items has no place, reconcile asks for one. What cannot be worked in as it is, is a human's matter,
and holds up that owner's items only.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft

PROCEED = m.Choice("proceed", "work in the repo as it is; what is changed there already is never committed")
WORKTREE = m.Choice("worktree", "leave the repo alone and work in a git worktree of its last commit")

SHOWN = 200
"""Paths that a card shows of each sort."""


def found(draft: Draft, message: msg.PlaceFound) -> None:
    """There is a place. What is changed in there already is a human's matter, unless the configuration settles it,
    and so is a repo that is not where it was when the plan was made.
    """
    run, place = draft.state.runs[message.run], message.place
    if run.phase is not m.Phase.EXECUTE or message.child in run.places:
        return
    dirty = bool(place.dirty) and not place.worktree
    if dirty and draft.settings.dirty == "worktree" and message.child not in run.worktrees:
        draft.emit(e.WorktreeWanted(run=run.id, child=message.child, by="the configuration"))
        return
    moved = "" if _was_asked(draft.state, run, message.child) else _moved(run.bases.get(message.child), place)
    settled = not moved and (not dirty or draft.settings.dirty == "proceed")
    there = replace(place, moved=moved, settled=settled)
    draft.emit(e.PlaceRecorded(run=run.id, child=message.child, place=there))


def _moved(base: m.Git | None, place: m.Place) -> str:
    """In words, in how far the repo is not on the branch and commit that its brief was about; empty when it is."""
    if base is None or not base.head:
        return ""  # git had no answer then
    same_branch = place.worktree or place.branch == base.branch
    if same_branch and place.head == base.head:
        return ""
    was = f"{base.branch or '(detached)'} at {base.head[:12]}"
    now = place.head[:12] if place.worktree else f"{place.branch or '(detached)'} at {place.head[:12]}"
    return f"It was on {was} when it was described and the plan was made; it is on {now} now."


def _was_asked(state: m.State, run: m.Run, child: str) -> bool:
    """Whether a human has decided where the child's items are worked on."""
    origin, decided = m.FromPlace(run=run.id, child=child), (PROCEED.key, WORKTREE.key)
    return any(
        one.origin == origin and isinstance(one.state, m.Closed) and one.state.answer.choice in decided
        for one in state.checkpoints.values()
    )


def failed(draft: Draft, message: msg.PlaceFailed) -> None:
    """There is none: a human mends that, or ends the run."""
    run, child = draft.state.runs[message.run], message.child
    known = run.phase is not m.Phase.EXECUTE or child in run.places or child not in m.owners(run)
    if known or child in _asked(draft.state, run):
        return
    title = f"there is no place where the items of {child} can be worked on"
    _ask(draft, run, child, title, message.reason, gates.RETRY, gates.ABORT)


def follow(draft: Draft, run: m.Run) -> None:
    """Asks a human about every place that an item needs and that cannot be worked in as it is."""
    owners, asked = m.owners(run), _asked(draft.state, run)
    for child, checkpoint in asked.items():
        if child not in owners:
            reason = f"nothing is left to be done in {child}"
            draft.emit(e.CheckpointLapsed(id=checkpoint.id, reason=reason))
    for child in owners:
        place = run.places.get(child)
        if child in asked:
            continue
        if child in draft.settings.references:
            title = f"{child} is a reference, which nobody may write in, and owns items"
            body = "Give its items another owner in plan.md, or give it `access: write` in the configuration."
            _ask(draft, run, child, title, body, gates.RETRY, gates.ABORT)
        elif place and not place.settled:
            _ask_about(draft, run, child, place)


def _ask_about(draft: Draft, run: m.Run, child: str, place: m.Place) -> None:
    dirty = bool(place.dirty) and not place.worktree
    title = f"{child} has changes that are not committed"
    if place.moved:
        title = f"{child} is not where it was when the plan was made"
    lines = [place.moved] if place.moved else []
    if dirty:
        lines += [f"In {place.path}, changed before anything was done:", *listed(place.dirty)]
    choices = (PROCEED, WORKTREE, gates.ABORT) if dirty else (PROCEED, gates.ABORT)
    _ask(draft, run, child, title, "\n".join(lines), *choices)


def is_ready(draft: Draft, run: m.Run, child: str) -> bool:
    """Whether items of the child can begin."""
    place = run.places.get(child)
    return place is not None and place.settled and child not in draft.settings.references


def take(draft: Draft, run: m.Run, child: str, answer: m.Answer, by: str) -> None:
    """A human has decided about a child's place; with `retry` reconcile asks for one again."""
    match answer.choice:
        case PROCEED.key:
            place = replace(run.places[child], settled=True)
            draft.emit(e.PlaceRecorded(run=run.id, child=child, place=place))
        case WORKTREE.key:
            draft.emit(e.WorktreeWanted(run=run.id, child=child, by=by))
        case gates.ABORT.key:
            gates.abort(draft, run, f"{child} could not be worked in", by)
        case _:
            pass


def listed(paths: Sequence[str]) -> list[str]:
    """Paths as lines of a card: so many of them, and how many more there are."""
    more = len(paths) - SHOWN
    return [f"  {path}" for path in paths[:SHOWN]] + ([f"  … and {more} more"] if more > 0 else [])


def _asked(state: m.State, run: m.Run) -> dict[str, m.Checkpoint]:
    """Open checkpoints about places, by child."""
    return {
        checkpoint.origin.child: checkpoint
        for checkpoint in state.checkpoints.values()
        if isinstance(checkpoint.origin, m.FromPlace)
        and checkpoint.origin.run == run.id
        and checkpoint.is_open
    }


def _ask(draft: Draft, run: m.Run, child: str, title: str, body: str, *choices: m.Choice) -> None:
    origin = m.FromPlace(run=run.id, child=child)
    blocks = gates.held_up(run, child)
    gates.open_gate(draft, child, "", origin, gates.failure_card(title, body, *choices), blocks)
