"""How a person brings work in worktrees onto their own branches: the exact commands, for a run in dependency order."""

from __future__ import annotations

import shlex

from msgspec import Struct

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD, Plan, PlanItem, dependents


class Merge(Struct, frozen=True, kw_only=True):
    """What to type for one child. `uncommitted`: what is in its worktree has to be committed first; `unfinished`
    names items whose changes are in the worktree and are not done.
    """

    child: str
    commands: tuple[str, ...]
    uncommitted: bool = False
    unfinished: tuple[str, ...] = ()


SUBJECT = 72
"""Characters of a commit's first line."""

PATHS = 40
"""More changed paths than that are added all together."""


def merges(state: m.State, run: m.Run) -> list[Merge]:
    """The merges of a run whose children were worked on in worktrees, those first on which others depend.

    A child without anything that is done has nothing to merge, and a worktree stays that holds work which is not
    done: neither is committed. The commands run in sh, from anywhere.
    """
    found = []
    for child in order(run):
        place, agent = run.places.get(child), state.agents.get(child)
        if place is None or not place.worktree or agent is None:
            continue
        items = [(item.id, run.items[item.id]) for item in _items(run, child)]
        done = [held for _, held in items if isinstance(held.progress, m.ItemDone) and held.attempts]
        if not done:
            continue
        loose = (
            () if run.commits.get(child) else tuple(held for held in done if held.changed and not held.commit)
        )
        unfinished = tuple(name for name, held in items if held.changed and held not in done)
        repo, worktree, branch = map(shlex.quote, (agent.path, place.path, place.branch))
        commands = [
            *(_commit(worktree, loose) if loose else ()),
            f"git -C {repo} merge --no-ff {branch}",
            *(() if unfinished else (f"git -C {repo} worktree remove {worktree}",)),
        ]
        found.append(
            Merge(child=child, commands=tuple(commands), uncommitted=bool(loose), unfinished=unfinished)
        )
    return found


def _commit(worktree: str, items: tuple[m.ItemState, ...]) -> tuple[str, str]:
    paths = sorted({path for item in items for path in item.changed})
    what = shlex.join(["--", *paths]) if len(paths) <= PATHS else "--all"
    return f"git -C {worktree} add {what}", f"git -C {worktree} commit"


def of_worker(worker: m.Worker) -> tuple[str, ...]:
    """The commands that bring what an editing worker did in its worktree into its repo; none while it is at work. Where
    it changed nothing, they take the worktree away. They run in sh, from anywhere.
    """
    place = worker.place
    if place is None or not worker.spec.edits or not isinstance(worker.life, m.Exited):
        return ()
    repo, worktree, branch = map(shlex.quote, (place.repo, place.path, place.branch))
    remove = f"git -C {repo} worktree remove {worktree}"
    if not worker.changed and not worker.violations:
        return remove, f"git -C {repo} branch -d {branch}"
    said = shlex.quote(text.clip(f"{worker.id}: {text.line(worker.spec.task)}", SUBJECT))
    return (
        f"git -C {worktree} add --all",
        f"git -C {worktree} commit -m {said}",
        f"git -C {repo} merge --no-ff {branch}",
        remove,
    )


def _items(run: m.Run, child: str) -> list[PlanItem]:
    items = run.plan.items if run.plan else ()
    return [item for item in items if item.owner == child and item.id in run.items]


def order(run: m.Run) -> list[str]:
    """The run's children, each after those whose items its own items need; where they need each other, first the one
    that needs fewest.
    """
    plan = run.plan or Plan()
    owners = {item.id: item.owner for item in plan.items}
    needs = {name: set[str]() for name in (*run.children, LEAD)}
    for item in plan.items:
        for later in dependents(plan, item.id):
            needs[owners[later]].add(item.owner)
    left, found = list(run.children), list[str]()
    while left:
        found.append(min(left, key=lambda child: len(needs[child] & set(left) - {child})))
        left.remove(found[-1])
    return found
