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
    Contract,
    ContractStatus,
    Human,
    HumanKind,
    ItemStatus,
    Plan,
    PlanItem,
    dependents,
    normal,
)
from tmuxorch.core.plan_rules import problems, untouched

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
    human=st.none()
    | st.builds(Human, do=HOSTILE, expect=HOSTILE, kind=st.sampled_from(HumanKind), secret=st.booleans()),
    requests=TEXTS,
)
CONTRACTS = st.builds(
    Contract,
    name=HOSTILE,
    producer=HOSTILE,
    consumers=TEXTS,
    shape=HOSTILE,
    paths=TEXTS,
    status=st.sampled_from(ContractStatus),
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
    contracts=st.lists(CONTRACTS, max_size=2).map(tuple),
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
    return PlanItem(
        id=id, title=f"Title of {id}", owner=owner, depends=depends, verification=("true",), scope=(".",)
    )


SEEN = Human(do="Look.", expect="what you see")
GOOD = Plan(
    objective="Agree",
    items=(item("1"), item("2", "mobile", "1"), replace(item("3", LEAD, "2"), verification=(), human=SEEN)),
)
TOKEN = Contract(name="token", producer="backend", consumers=("mobile",), shape="{token}", paths=("docs",))


def with_first(**changes: object) -> Plan:
    return replace(GOOD, items=(replace(GOOD.items[0], **changes), *GOOD.items[1:]))


CHANGER, USER = (replace(item(*of), contract="token") for of in (("1", "backend"), ("2", "mobile")))


def with_contract(plan: Plan, *items: str) -> Plan:
    """`plan` with the contract `token`, named by these items."""
    named = (replace(one, contract="token") if one.id in items else one for one in plan.items)
    return replace(plan, items=tuple(named), contracts=(TOKEN,))


def with_token(**changes: object) -> Plan:
    return replace(with_contract(GOOD, "1"), contracts=(replace(TOKEN, **changes),))


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
        (
            with_first(scope=()),
            ["item 1: it has no scope: the paths in its repo that it may change, `.` for all of them"],
        ),
        (
            with_first(scope=("/etc", "a/../../b")),
            [
                "item 1: the path '/etc' is not relative to the repo (scope)",
                "item 1: the path 'a/../../b' leads out of the repo (scope)",
            ],
        ),
        (
            with_first(contract="tokens"),
            ["item 1: it names the contract 'tokens', which the plan does not have; it has: none"],
        ),
        (
            replace(with_contract(GOOD), items=with_first(contract="tokens").items),
            ["item 1: it names the contract 'tokens', which the plan does not have; it has: 'token'"],
        ),
        (
            with_first(requests=("loging",)),
            ["item 1: unknown request 'loging'; known: logging, instrumentation, pre-tests"],
        ),
        (with_contract(GOOD, "1", "2"), []),
        (
            replace(GOOD, contracts=(TOKEN, TOKEN)),
            ["the contract 'token' is there twice"],
        ),
        (
            with_token(producer="edge", consumers=("ios",)),
            [
                "contract token: unknown producer 'edge'; the children are: backend, mobile",
                "contract token: unknown consumer 'ios'; the children are: backend, mobile",
            ],
        ),
        (
            with_token(consumers=(), shape="", paths=("../x",)),
            [
                "contract token: it has no consumers",
                "contract token: it has no shape: what exactly both ends agree on",
                "contract token: the path '../x' leads out of the repo (paths)",
            ],
        ),
        (
            replace(with_contract(GOOD, "1"), items=(replace(CHANGER, depends=("2",)), USER)),
            ["the dependencies go in a circle: 1 → 2 → 1"],
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


def test_a_contract_may_be_a_reference_s_and_its_items_may_not() -> None:
    plan = with_contract(GOOD, "2")
    both = frozenset({"backend", "mobile"})
    assert problems(plan, both, frozenset({"backend"})) == [
        "item 1: backend is only a reference: nothing may be changed there; give the work to another child"
    ]
    assert problems(replace(plan, items=(item("2", "mobile"),)), both, frozenset({"backend"})) == []


def test_every_request_of_the_kickoff_has_an_item() -> None:
    both = frozenset({"backend", "mobile"})
    asked = ("logging", "instrumentation", "logging")
    assert problems(with_first(requests=("instrumentation",)), both, requests=asked) == [
        "no item answers the kickoff's request for logging; name it in that item's requests"
    ]
    assert problems(with_first(requests=("logging", "instrumentation")), both, requests=asked) == []


def test_tests_before_any_work_come_before_it() -> None:
    first = replace(item("1"), requests=("pre-tests",))
    both = frozenset({"backend", "mobile"})
    good = Plan(
        objective="x",
        items=(first, item("2", "backend", "1"), item("3", "backend", "2"), item("4", "mobile")),
    )
    assert problems(good, both, requests=("pre-tests",)) == []
    early = replace(good, items=(*good.items, item("5", "backend", "4")))
    assert problems(early, both) == [
        "item 5: it must depend on item 1, which tests backend before anything is changed there"
    ]


def test_what_has_begun_stays_as_it_is() -> None:
    changed = with_first(title="Another", status=ItemStatus.DONE)
    fewer = replace(GOOD, items=GOOD.items[1:])
    assert untouched(GOOD, changed, {"2", "3"}) == []
    assert untouched(GOOD, changed, {"1"}) == ["item 1 has begun and cannot be changed"]
    assert untouched(GOOD, fewer, {"1", "2"}) == ["item 1 has begun and cannot be taken out"]
    assert untouched(GOOD, with_first(status=ItemStatus.DONE), {"1"}) == []


def test_users_of_a_contract_wait_for_all_that_change_it() -> None:
    maker = replace(item("4"), contract="token")
    plan = with_contract(replace(GOOD, items=(*GOOD.items, maker)), "1", "2", "4")
    assert [plan.needs(one) for one in plan.items] == [(), ("1", "4"), ("2",), ()]
    assert dependents(plan, "4") == ("2", "3")


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
