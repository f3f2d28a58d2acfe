"""Commits of what was proved: of each item, or of each child at the end of the run, as the configuration says.

Git itself is asked by reconcile, as long as the state wants a commit and no human is asked about it.
"""

from __future__ import annotations

from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import gates
from tmuxorch.core.draft import Draft

SKIP = m.Choice("skip", "go on without the commit; what was changed stays in the repo")


def made(draft: Draft, message: msg.CommitMade) -> None:
    """Git has made it, or found nothing to commit. It is a fact also of a run that was given up meanwhile."""
    run, item = draft.state.runs[message.run], message.item
    origin = m.FromCommit(run=run.id, item=item, child=message.child)
    asked = _asked(draft.state, origin)
    if asked:
        draft.emit(e.CheckpointLapsed(id=asked.id, reason="git has made the commit after all"))
    known = run.items[item].commit if item else run.commits.get(message.child, "")
    wanted = asked or _is_wanted(run, origin)
    if (message.commit and message.commit != known) or (wanted and not known):
        draft.emit(
            e.WorkCommitted(
                run=run.id,
                item=item,
                child=message.child,
                commit=message.commit,
                left=message.left,
                note=message.note,
            )
        )
    if wanted and item:
        draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemDone()))


def failed(draft: Draft, message: msg.CommitFailed) -> None:
    """Git has not: a human mends that, or goes without."""
    run, item, child = draft.state.runs[message.run], message.item, message.child
    origin = m.FromCommit(run=run.id, item=item, child=child)
    if _asked(draft.state, origin) or not _is_wanted(run, origin):
        return
    what = f"item {item}" if item else "the work of the run"
    card = gates.failure_card(
        f"{what} could not be committed in {child}", message.reason, gates.RETRY, SKIP, gates.ABORT
    )
    checkpoint = gates.open_gate(draft, child, item, origin, card)
    if item:
        draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemDeciding(checkpoint=checkpoint)))


def take(draft: Draft, origin: m.FromCommit, answer: m.Answer, by: str) -> None:
    """A human has decided about a commit that failed."""
    run, item = draft.state.runs[origin.run], origin.item
    match answer.choice:
        case gates.RETRY.key:
            if item:
                draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemCommitting()))
        case SKIP.key:
            if item:
                draft.emit(e.ItemMoved(run=run.id, item=item, progress=m.ItemDone()))
            else:
                left = tuple(dict.fromkeys(_changed(run, origin.child)))
                draft.emit(e.WorkCommitted(run=run.id, item="", child=origin.child, commit="", left=left))
        case _:
            if item:
                progress = m.ItemFailed(reason=f"given up by {by}")
                draft.emit(e.ItemMoved(run=run.id, item=item, progress=progress))
            gates.abort(draft, run, f"{origin.child} could not be committed", by)


def at_the_end(draft: Draft, run: m.Run) -> bool:
    """Asks for the commits of a run whose whole work is proved; whether there are none to wait for."""
    if draft.settings.commit == "run":
        for child in run.places:
            if child not in run.committing and child not in run.commits and [*_changed(run, child)]:
                draft.emit(e.CommitWanted(run=run.id, child=child))
    return not draft.state.runs[run.id].committing


def _is_wanted(run: m.Run, origin: m.FromCommit) -> bool:
    if origin.item:
        return isinstance(run.items[origin.item].progress, m.ItemCommitting)
    return run.phase is m.Phase.VERIFY and origin.child in run.committing


def _asked(state: m.State, origin: m.FromCommit) -> m.Checkpoint | None:
    return next((c for c in state.checkpoints.values() if c.origin == origin and c.is_open), None)


def _changed(run: m.Run, child: str) -> list[str]:
    """Paths that the proved items of a child changed."""
    items = run.plan.items if run.plan else ()
    held = [run.items[item.id] for item in items if item.owner == child]
    return [path for one in held if isinstance(one.progress, m.ItemDone) for path in one.changed]
