"""What was done on an item, and whether that is proved: what its turns and its checks mean, and when a human has to
decide.
"""

from __future__ import annotations

from typing import NamedTuple

from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core import work as answer
from tmuxorch.core.decide import contracts, gates, violations
from tmuxorch.core.decide.jobs import queue_check
from tmuxorch.core.draft import Draft
from tmuxorch.core.plan import PlanItem


class Noted(NamedTuple):
    """What is put down about an item when it moves; see events.ItemMoved."""

    summary: str = ""
    questions: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()


NOTHING = Noted()

G = gates
UNFINISHED = (G.RETRY, G.INSTRUCT, G.SKIP, G.ABORT)
UNFINISHED_TOO_FAR = (G.ACCEPT_AND_RETRY, G.INSTRUCT, G.SKIP, G.ABORT)
TOO_FAR = (G.ACCEPT, G.INSTRUCT, G.SKIP, G.ABORT)
UNPROVED = (G.RETRY, G.INSTRUCT, G.RECHECK, G.SKIP, G.ABORT)
DISPROVED = (G.RETRY, G.INSTRUCT, G.RECHECK, G.REPLAN, G.SKIP, G.ABORT)


def work(draft: Draft, run: m.Run, item: PlanItem, purpose: m.Purpose, text: str) -> None:
    turn = draft.new_id("T")
    draft.emit(
        e.TurnQueued(
            id=turn, agent=item.owner, purpose=purpose, run=run.id, item=item.id, text=text, writes=True
        )
    )
    fixing = purpose is m.Purpose.FIX
    progress = m.ItemWorking(turn=turn)
    draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=progress, fixing=fixing))


def worked(draft: Draft, run: m.Run, item: PlanItem, turn: m.Turn) -> None:
    """Its turn is over: what was said and done is noted, and its commands are run. A turn that is not completed, or
    that did what the item does not allow, is a human's matter.
    """
    over = turn.over
    if over is None:
        return
    held, back = run.items[item.id], violations.restored(run, item, turn)
    gone = set(back)
    changed = [path for path in dict.fromkeys((*held.changed, *turn.touched)) if path not in gone]
    violation = violations.found(item, turn, changed, held.excused)
    seen = Noted(changed=turn.touched, restored=back)
    words = violation.words(item)
    if over.outcome is not m.TurnOutcome.COMPLETED:
        title = f"{item.owner} could not finish item {item.id}: {over.outcome}"
        body = "\n\n".join(part for part in (over.error or over.message, words) if part)
        _decide(draft, run, item, title, body, UNFINISHED_TOO_FAR if violation else UNFINISHED, seen)
        return
    said = answer.read(over.message)
    seen = seen._replace(summary=said.summary, questions=said.open_questions)
    contracts.worked(draft, run, item, turn, said)
    if violation:
        title = f"{item.owner} did more than item {item.id} allows"
        _decide(draft, run, item, title, words, TOO_FAR, seen)
    else:
        check(draft, run, item, seen)


def check(draft: Draft, run: m.Run, item: PlanItem, noted: Noted = NOTHING) -> None:
    """Its commands are run, as a proof of the work as it is."""
    before = sum(c.run == run.id and c.item == item.id for c in draft.state.checks.values())
    checks = tuple(
        queue_check(draft, run, m.Stage.ITEM, item.id, number, item.owner, command)
        for number, command in enumerate(item.verification, before + 1)
    )
    _move(draft, run, item, m.ItemChecking(checks=checks), noted)


def accept(draft: Draft, run: m.Run, item: PlanItem) -> None:
    """A human lets pass what its last turn did. It is checked if it was finished, and tried again if not."""
    turn, held = _last_turn(draft.state, run, item), run.items[item.id]
    violation = violations.found(item, turn, held.changed, held.excused)
    violations.moved_on(draft, run, turn)
    noted = Noted(excused=violation.paths)
    if turn.over and turn.over.outcome is m.TurnOutcome.COMPLETED:
        check(draft, run, item, noted)
    else:
        _move(draft, run, item, m.ItemPending(), noted)


def _last_turn(state: m.State, run: m.Run, item: PlanItem) -> m.Turn:
    turns = reversed(state.turns.values())
    return next(turn for turn in turns if turn.writes and (turn.run, turn.item) == (run.id, item.id))


def checked(draft: Draft, run: m.Run, item: PlanItem, checks: list[m.Check]) -> None:
    """All its commands have ended: done, a turn with their output that mends it, or a human's matter."""
    if not all(isinstance(check.life, m.Exited) for check in checks):
        return
    failed = [check for check in checks if not check.passed]
    if not failed:
        _move(draft, run, item, m.ItemCommitting() if draft.settings.commit == "item" else m.ItemDone())
        return
    words, held = "\n\n".join(map(gates.check_words, failed)), run.items[item.id]
    if not all(map(_was_proof, failed)):
        title = f"a check of item {item.id} could not be run to its end"
        _decide(draft, run, item, title, words, UNPROVED)
    elif held.tries < draft.settings.attempts:
        work(draft, run, item, m.Purpose.FIX, words)
    else:
        title = f"item {item.id} fails its check" + (" after a fix" if held.fixes else "")
        _decide(draft, run, item, title, words, DISPROVED)


def _was_proof(check: m.Check) -> bool:
    """Whether a failed check says something about the work: one that was killed, lost or never began does not."""
    return isinstance(check.life, m.Exited) and check.life.outcome is m.Outcome.FAILED


def _decide(
    draft: Draft,
    run: m.Run,
    item: PlanItem,
    title: str,
    body: str,
    choices: tuple[m.Choice, ...],
    noted: Noted = NOTHING,
) -> None:
    origin = m.FromItem(run=run.id, item=item.id)
    card = gates.failure_card(title, body, *choices)
    checkpoint = gates.open_gate(draft, item.owner, item.id, origin, card)
    _move(draft, run, item, m.ItemDeciding(checkpoint=checkpoint), noted)


def _move(draft: Draft, run: m.Run, item: PlanItem, progress: m.ItemProgress, noted: Noted = NOTHING) -> None:
    draft.emit(e.ItemMoved(run=run.id, item=item.id, progress=progress, **noted._asdict()))
