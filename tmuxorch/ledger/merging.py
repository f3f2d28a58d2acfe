"""How a person brings the work of a run onto their own branches: the exact commands, in dependency order."""

from __future__ import annotations

import shlex

from msgspec import Struct

from tmuxorch.core import model as m
from tmuxorch.core.plan import LEAD, Plan, dependents


class Merge(Struct, frozen=True, kw_only=True):
    """What to type for one child. `uncommitted`: what is in its worktree has to be committed first."""

    child: str
    commands: tuple[str, ...]
    uncommitted: bool = False


def merges(state: m.State, run: m.Run) -> list[Merge]:
    """The merges of a run whose children were worked on in worktrees, those first on which others depend.

    A child without any item that was begun has nothing to merge. The commands run in sh, from anywhere.
    """
    found = []
    for child in order(run):
        place, agent = run.places.get(child), state.agents.get(child)
        if place is None or not place.worktree or agent is None or not _worked_on(run, child):
            continue
        repo, worktree, branch = map(shlex.quote, (agent.path, place.path, place.branch))
        committed = _committed(run, child)
        first = () if committed else (f"git -C {worktree} add --all", f"git -C {worktree} commit")
        merge = f"git -C {repo} merge --no-ff {branch}"
        commands = (*first, merge, f"git -C {repo} worktree remove {worktree}")
        found.append(Merge(child=child, commands=commands, uncommitted=not committed))
    return found


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


def _worked_on(run: m.Run, child: str) -> bool:
    items = run.plan.items if run.plan else ()
    return any(item.owner == child and run.items[item.id].attempts for item in items if item.id in run.items)


def _committed(run: m.Run, child: str) -> bool:
    """Whether all that was done for `child` is in commits."""
    if run.commits.get(child):
        return True
    items = [item for item in (run.plan.items if run.plan else ()) if item.owner == child]
    held = [run.items[item.id] for item in items if item.id in run.items]
    return all(one.commit for one in held if one.changed) and any(one.commit for one in held)
