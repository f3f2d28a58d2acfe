"""The phase verify: all proofs once more over the end state, because items are proved one at a time while others
still change their repos. What is to be committed at the end is committed after them.
"""

from __future__ import annotations

from tmuxorch.core import model as m
from tmuxorch.core.decide import commits, gates
from tmuxorch.core.decide.asking import decided
from tmuxorch.core.decide.jobs import queue_check
from tmuxorch.core.draft import Draft


def follow(draft: Draft, run: m.Run) -> bool:
    """Every command that proved a done item, and every configured test; whether all is proved and committed."""
    after = [c for c in draft.state.checks.values() if (c.run, c.stage) == (run.id, m.Stage.AFTER)]
    newest = {(check.child, check.command): check for check in after}
    number = len(after)
    for child, command in _commands(draft, run):
        if (child, command) not in newest:
            number += 1
            queue_check(draft, run, m.Stage.AFTER, "", number, child, command)
    if number > len(after) or not all(isinstance(check.life, m.Exited) for check in after):
        return False
    failed = [check for check in newest.values() if not check.passed]
    if not failed:
        return commits.at_the_end(draft, run)
    body = "\n\n".join(map(gates.check_words, failed))
    if decided(draft, run, failed[0], "checks of the whole fail at the end", body):
        for check in failed:
            number += 1
            queue_check(draft, run, m.Stage.AFTER, "", number, check.child, check.command)
    return False


def _commands(draft: Draft, run: m.Run) -> list[tuple[str, str]]:
    wanted: dict[tuple[str, str], None] = {}
    for item in run.plan.items if run.plan else ():
        if isinstance(run.items[item.id].progress, m.ItemDone) and item.human is None:
            wanted |= {(item.owner, command): None for command in item.verification}
    for child in run.children:
        wanted |= {(child, command): None for command in draft.settings.tests.get(child, ())}
    return list(wanted)
