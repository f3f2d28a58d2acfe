"""How two plans differ, and how a change of one goes onto another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import islice
from typing import TypeVar

from msgspec import structs

from tmuxorch.core.plan import ChildContext, Contract, Human, Plan, PlanItem, bare, without_status

Part = TypeVar("Part", PlanItem, Contract, ChildContext)
_LISTED = frozenset(
    ("verification", "scope", "paths", "success_criteria", "parallel", "human_checkpoints", "risks")
)
"""Fields whose entries are shown one below the other."""
_IN_HEADLINE = frozenset(("title", "owner", "depends", "producer", "consumers"))
_SHORT = 60


def difference(old: Plan, new: Plan) -> list[str]:
    """What is another in `new` than in `old`; statuses do not count. Each line begins with what it is about
    (`item 3: owner backend → edge`), with `- ` or `+ ` for a whole item or contract, or is indented below such a line.
    """
    old, new = without_status(old), without_status(new)
    lines = []
    for name in Plan.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        match name:
            case "items":
                lines += [*_parts("item", old.items, new.items), *_order(old, new)]
            case "contracts":
                lines += _parts("contract", old.contracts, new.contracts)
            case "children":
                lines += _parts("child", old.children, new.children)
            case _:
                lines += _field("", name, before, after)
    return lines


def merged(base: Plan, mine: Plan, theirs: Plan) -> Plan:
    """`theirs` with all that `mine` changed in `base`, field by field; where both changed something, `mine` counts.

    What each has added under one name is there twice, which is no plan that can be executed (plan_rules).
    """
    made: dict[str, object] = {}
    for name in Plan.__struct_fields__:
        was, is_now, proposed = getattr(base, name), getattr(mine, name), getattr(theirs, name)
        if name in ("items", "contracts", "children"):
            made[name] = _merged(was, is_now, proposed)
        else:
            made[name] = is_now if is_now != was else proposed
    return Plan(**made)  # type: ignore[arg-type]


def altered(old: Plan, new: Plan) -> tuple[str, ...]:
    """Ids of the items of `old` that `new` changes, takes out, or lets wait for something else."""
    found = []
    for item in old.items:
        there = new.item(item.id)
        if there is None or bare(there) != bare(item) or new.needs(there) != old.needs(item):
            found.append(item.id)
    return tuple(found)


def headline(part: PlanItem | Contract | ChildContext) -> str:
    """A part in a line: which item it is, whose, and after which; a contract between whom."""
    match part:
        case PlanItem():
            after = f", after {', '.join(part.depends)}" if part.depends else ""
            return f"item {part.id}: {part.title} ({part.owner}{after})"
        case Contract():
            return f"contract {part.name}: {part.producer} → {', '.join(part.consumers)}"
        case ChildContext():
            return f"child {part.child}"


def details(part: PlanItem | Contract | ChildContext) -> list[str]:
    """All that a part says beside what is in its headline, in lines that look like those of `difference`."""
    names = (name for name in _names(part) if name not in _IN_HEADLINE)
    return [line for name in names for line in _field("", name, None, getattr(part, name))]


# -- parts that have a name


def _name(part: PlanItem | Contract | ChildContext) -> str:
    match part:
        case PlanItem():
            return part.id
        case Contract():
            return part.name
        case ChildContext():
            return part.child


def _names(part: PlanItem | Contract | ChildContext) -> list[str]:
    return [name for name in part.__struct_fields__ if name not in ("id", "name", "child", "status")]


def _parts(what: str, old: Sequence[Part], new: Sequence[Part]) -> Iterator[str]:
    before = {_name(part): part for part in old}
    after = {_name(part): part for part in new}
    for name, part in before.items():
        if name not in after:
            yield f"- {headline(part)}"
    for name, part in after.items():
        if name not in before:
            yield f"+ {headline(part)}"
            yield from (f"    {line}" for line in details(part))
            continue
        for field in _names(part):
            yield from _field(f"{what} {name}: ", field, getattr(before[name], field), getattr(part, field))


def _order(old: Plan, new: Plan) -> Iterator[str]:
    before, after = [item.id for item in old.items], [item.id for item in new.items]
    common = set(before) & set(after)
    if [name for name in before if name in common] != [name for name in after if name in common]:
        yield f"order of the items {', '.join(before)} → {', '.join(after)}"


def _merged(base: Sequence[Part], mine: Sequence[Part], theirs: Sequence[Part]) -> tuple[Part, ...]:
    was = {_name(part): part for part in base}
    now = {_name(part): part for part in mine}
    made = []
    for part in theirs:
        name = _name(part)
        if name not in was:
            made.append(part)
        elif name in now:
            made.append(_mixed(was[name], now[name], part))
    proposed = {_name(part) for part in theirs}
    for name, part in now.items():
        if part != was.get(name) and part not in theirs and (name not in was or name not in proposed):
            made.append(part)
    return tuple(made)


def _mixed(base: Part, mine: Part, theirs: Part) -> Part:
    by_hand = {
        name: getattr(mine, name)
        for name in mine.__struct_fields__
        if getattr(mine, name) != getattr(base, name)
    }
    return structs.replace(theirs, **by_hand)


# -- fields


def _field(about: str, name: str, old: object, new: object) -> Iterator[str]:
    """How one field differs; `old` is None where there is nothing to differ from."""
    if old == new or (old is None and not new):
        return
    if isinstance(old, Human) or isinstance(new, Human):
        for part in Human.__struct_fields__:
            was, now = (getattr(human, part) if human else None for human in (old, new))
            yield from _field(f"{about}human task, ", part, was, now)
        return
    label = f"{about}{name.replace('_', ' ')}"
    before, after = _lines(name, old), _lines(name, new)
    if name not in _LISTED and all(len(lines) <= 1 for lines in (before, after)):
        was, now = "".join(before), "".join(after)
        if max(len(was), len(now)) <= _SHORT:
            yield f"{label}: {now}" if old is None else f"{label} {was or 'none'} → {now or 'none'}"
            return
    yield label
    if old is None:
        yield from (f"    {line}" for line in after)
        return
    for line in islice(unified_diff(before, after, n=1, lineterm=""), 2, None):
        if not line.startswith("@@"):
            yield f"  {line[:1]} {line[1:]}"


def _lines(name: str, value: object) -> list[str]:
    match value:
        case None:
            return []
        case bool():
            return ["yes" if value else "no"]
        case tuple():
            return list(value) if name in _LISTED else [", ".join(value)] if value else []
        case _:
            return str(value).splitlines()
