"""A plan is in its normal form, and what keeps it from being executed is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.test_text import HOSTILE
from tmuxorch.core import text
from tmuxorch.core.plan import (
    LEAD,
    ChildContext,
    Human,
    ItemStatus,
    Plan,
    PlanItem,
    dependents,
    normal,
    problems,
)

TEXTS = st.lists(HOSTILE, max_size=3).map(tuple)

ITEMS = st.builds(
    PlanItem,
    id=HOSTILE,
    title=HOSTILE,
    owner=HOSTILE,
    depends=TEXTS,
    status=st.sampled_from(ItemStatus),
    verification=TEXTS,
    scope=TEXTS,
    contract=HOSTILE,
    instructions=HOSTILE,
    risk=HOSTILE,
    human=st.none() | st.builds(Human, do=HOSTILE, expect=HOSTILE),
)

PLANS = st.builds(
    Plan,
    objective=HOSTILE,
    success_criteria=TEXTS,
    children=st.lists(
        st.builds(
            ChildContext,
            child=HOSTILE,
            role=HOSTILE,
            current_state=HOSTILE,
            key_docs=HOSTILE,
            releases=HOSTILE,
        ),
        max_size=2,
    ).map(tuple),
    items=st.lists(ITEMS, max_size=3).map(tuple),
    parallel=TEXTS,
    human_checkpoints=TEXTS,
    risks=TEXTS,
)


@settings(max_examples=30)
@given(PLANS)
def test_the_normal_form_of_a_plan_is_its_own(plan: Plan) -> None:
    once = normal(plan)
    assert normal(once) == once
    for item in once.items:
        assert all(map(text.is_line, (item.id, item.title, item.owner, *item.depends, *item.verification)))
        assert all((*item.depends, *item.verification, *item.scope))
        assert text.is_block(item.instructions)


@settings(max_examples=30)
@given(PLANS)
def test_problems_are_found_in_any_plan_without_failing(plan: Plan) -> None:
    assert all(problems(normal(plan), frozenset({"backend"})))


def item(id: str, owner: str = "backend", *depends: str) -> PlanItem:
    return PlanItem(id=id, title=f"Title of {id}", owner=owner, depends=depends, verification=("true",))


SEEN = Human(do="Look.", expect="what you see")
GOOD = Plan(
    objective="Agree",
    items=(item("1"), item("2", "mobile", "1"), replace(item("3", LEAD, "2"), verification=(), human=SEEN)),
)


def with_first(**changes: object) -> Plan:
    return replace(GOOD, items=(replace(GOOD.items[0], **changes), *GOOD.items[1:]))


@pytest.mark.parametrize(
    ("plan", "wrong"),
    [
        (GOOD, []),
        (Plan(), ["the plan has no objective", "the plan has no items"]),
        (replace(GOOD, objective=""), ["the plan has no objective"]),
        (
            replace(GOOD, items=(*GOOD.items, item("1"), item("2"))),
            ["item id '1' is used twice", "item id '2' is used twice"],
        ),
        (
            replace(GOOD, items=(item("a b"),)),
            ["item a b: the id must be 1 to 16 letters, digits, dots, dashes or underscores"],
        ),
        (with_first(title=""), ["item 1: it has no title"]),
        (
            with_first(owner="frontend"),
            [
                "item 1: unknown owner 'frontend'; the children are: backend, mobile "
                "(and orchestrator for human tasks)"
            ],
        ),
        (with_first(depends=("9",)), ["item 1: it depends on '9', which is no item"]),
        (with_first(verification=()), ["item 1: it has no verification command"]),
        (with_first(owner=LEAD), ["item 1: orchestrator owns only human tasks; give the work to a child"]),
        (with_first(human=SEEN), ["item 1: a human task is owned by orchestrator"]),
        (
            with_first(owner=LEAD, human=Human(do="Look.", expect="")),
            ["item 1: a human task says exactly what to do and what answer is expected"],
        ),
        (with_first(depends=("3",)), ["the dependencies go in a circle: 1 → 3 → 2 → 1"]),
        (with_first(depends=("1",)), ["the dependencies go in a circle: 1 → 1"]),
    ],
)
def test_what_is_wrong_is_named(plan: Plan, wrong: list[str]) -> None:
    found = problems(plan, frozenset({"backend", "mobile"}))
    if found and "circle" in found[0]:
        assert same_circle(found[0], wrong[0])
    else:
        assert found == wrong


def same_circle(one: str, other: str) -> bool:
    """Whether two circles are the same; each may begin anywhere."""
    (start, first), (begin, second) = (said.rsplit(": ", 1) for said in (one, other))
    left, right = first.split(" → ")[:-1], second.split(" → ")[:-1]
    return start == begin and any(left[at:] + left[:at] == right for at in range(len(left)))


@pytest.mark.parametrize(
    ("of", "expected"),
    [("1", ("2", "3", "5")), ("2", ("3", "5")), ("3", ()), ("4", ("5",)), ("no such", ())],
)
def test_dependents_are_all_that_wait_directly_or_not(of: str, expected: tuple[str, ...]) -> None:
    items = (item("1"), item("2", "b", "1"), item("3", "b", "2"), item("4"), item("5", "b", "2", "4"))
    assert dependents(Plan(items=items), of) == expected


def test_dependents_end_in_a_circle_too() -> None:
    assert dependents(Plan(items=(item("1", "b", "2"), item("2", "b", "1"))), "1") == ("2",)
