"""What makes a plan one that can be executed; every rule of it that a program can hold is held here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from tmuxorch.core import scope
from tmuxorch.core.plan import LEAD, Contract, Plan, PlanItem, bare, dependents

ITEM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,15}\Z")
REQUESTS = ("logging", "instrumentation", "pre-tests")
"""What a kickoff may ask for (model.RequestKind)."""
PRE_TESTS = "pre-tests"


def problems(
    plan: Plan,
    children: frozenset[str],
    references: frozenset[str] = frozenset(),
    requests: Collection[str] = (),
) -> list[str]:
    """Everything that keeps `plan` from being executed by `children`, each a sentence that names the item or contract.

    `references` are children that are only read, `requests` the kinds of what the kickoff asked for.
    """
    found = [] if plan.objective else ["the plan has no objective"]
    if not plan.items:
        found.append("the plan has no items")
    found += [f"item id {name!r} is used twice" for name in _twice([item.id for item in plan.items])]
    for item in plan.items:
        found += [f"item {item.id}: {problem}" for problem in _item(item, plan, children, references)]
    found += [f"the contract {name!r} is there twice" for name in _twice([c.name for c in plan.contracts])]
    for contract in plan.contracts:
        found += [f"contract {contract.name}: {problem}" for problem in contract_problems(contract, children)]
    answered = {kind for item in plan.items for kind in item.requests}
    found += [
        f"no item answers the kickoff's request for {kind}; name it in that item's requests"
        for kind in dict.fromkeys(requests)
        if kind not in answered
    ]
    return found or _circle(plan) or [*_too_early(plan)]


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _item(item: PlanItem, plan: Plan, children: frozenset[str], references: frozenset[str]) -> Iterator[str]:
    if not ITEM_ID.match(item.id):
        yield "the id must be 1 to 16 letters, digits, dots, dashes or underscores"
    if not item.title:
        yield "it has no title"
    if item.owner != LEAD and item.owner not in children:
        known = ", ".join(sorted(children - references)) or "none"
        yield f"unknown owner {item.owner!r}; the children are: {known} (and {LEAD} for human tasks)"
    if item.owner in references:
        yield f"{item.owner} is only a reference: nothing may be changed there; give the work to another child"
    ids = {other.id for other in plan.items}
    yield from (f"it depends on {name!r}, which is no item" for name in item.depends if name not in ids)
    if item.contract and plan.contract(item.contract) is None:
        known = ", ".join(repr(contract.name) for contract in plan.contracts) or "none"
        yield f"it names the contract {item.contract!r}, which the plan does not have; it has: {known}"
    for name in item.requests:
        if name not in REQUESTS:
            yield f"unknown request {name!r}; known: {', '.join(REQUESTS)}"
    if item.human is not None:
        if not item.human.do or not item.human.expect:
            yield "a human task says exactly what to do and what answer is expected"
        if item.owner != LEAD:
            yield f"a human task is owned by {LEAD}"
    elif item.owner == LEAD:
        yield f"{LEAD} owns only human tasks; give the work to a child"
    else:
        yield from _work(item)


def _work(item: PlanItem) -> Iterator[str]:
    if not item.verification:
        yield "it has no verification command"
    if not item.scope:
        yield "it has no scope: the paths in its repo that it may change, `.` for all of them"
    yield from (f"{wrong} (scope)" for wrong in map(scope.problem, item.scope) if wrong)


def contract_problems(contract: Contract, children: frozenset[str]) -> list[str]:
    """What is wrong with a contract, whatever the items say."""
    found = [] if contract.name else ["it has no name"]
    if contract.producer not in children:
        found.append(
            f"unknown producer {contract.producer!r}; the children are: {', '.join(sorted(children))}"
        )
    if not contract.consumers:
        found.append("it has no consumers")
    for name in contract.consumers:
        if name not in children:
            found.append(f"unknown consumer {name!r}; the children are: {', '.join(sorted(children))}")
    if not contract.shape:
        found.append("it has no shape: what exactly both ends agree on")
    return found + [f"{wrong} (paths)" for wrong in map(scope.problem, contract.paths) if wrong]


def _circle(plan: Plan) -> list[str]:
    sorter = TopologicalSorter({item.id: plan.needs(item) for item in plan.items})
    try:
        sorter.prepare()
    except CycleError as error:
        return ["the dependencies go in a circle: " + " → ".join(reversed(error.args[1]))]
    return []


def _too_early(plan: Plan) -> Iterator[str]:
    """Tests before any work come before any work: the owner's other items wait for them, directly or not."""
    first = [item for item in plan.items if PRE_TESTS in item.requests and item.owner != LEAD]
    for test in first:
        later = dependents(plan, test.id)
        for item in plan.items:
            if item.owner == test.owner and item not in first and item.id not in later:
                yield (
                    f"item {item.id}: it must depend on item {test.id}, "
                    f"which tests {test.owner} before anything is changed there"
                )


def untouched(old: Plan, new: Plan, begun: Collection[str]) -> list[str]:
    """What `new` makes of items of `old` that have begun, and cannot."""
    found = []
    for item in old.items:
        if item.id not in begun:
            continue
        there = new.item(item.id)
        if there is None:
            found.append(f"item {item.id} has begun and cannot be taken out")
        elif bare(there) != bare(item):
            found.append(f"item {item.id} has begun and cannot be changed")
    return found
