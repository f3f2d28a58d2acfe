"""How two plans differ is told in lines, and a change of one goes onto another."""

from __future__ import annotations

from hypothesis import given, settings
from msgspec.structs import replace

from tests.core.test_plan import PLANS, with_contract
from tmuxorch.core.plan import (
    LEAD,
    Contract,
    ContractStatus,
    Human,
    HumanKind,
    ItemStatus,
    Plan,
    PlanItem,
    normal,
    without_status,
)
from tmuxorch.core.plan_changes import altered, difference, merged


def item(id: str, owner: str = "backend", *depends: str, contract: str = "") -> PlanItem:
    return PlanItem(
        id=id,
        title=f"Title of {id}",
        owner=owner,
        depends=depends,
        verification=("make test",),
        scope=("src",),
        contract=contract,
    )


TOKEN = Contract(name="token", producer="backend", consumers=("mobile",), shape="POST /token\n→ {token}")
PLAN = Plan(
    objective="Agree",
    success_criteria=("both pass",),
    items=(item("1"), item("2", "mobile", "1"), item("3", "mobile", "2")),
    contracts=(TOKEN,),
)


def with_item(plan: Plan, id: str, **changes: object) -> Plan:
    return replace(plan, items=tuple(replace(one, **changes) if one.id == id else one for one in plan.items))


# -- difference


@settings(max_examples=20)
@given(PLANS, PLANS)
def test_plans_differ_when_there_is_a_line_and_what_only_one_has_changed_is_taken(
    one: Plan, other: Plan
) -> None:
    assert difference(one, one) == []
    assert bool(difference(one, other)) == (without_status(one) != without_status(other))

    one, other = normal(one), normal(other)
    if named_once(one) and named_once(other):
        assert merged(one, one, other) == other
        by_hand = merged(one, other, one)
        assert (by_hand.objective, by_hand.risks) == (other.objective, other.risks)
        assert set(by_hand.items) == set(other.items)
        assert set(by_hand.contracts) == set(other.contracts)


def named_once(plan: Plan) -> bool:
    ids = [one.id for one in plan.items]
    contracts = [one.name for one in plan.contracts]
    rows = [row.child for row in plan.children]
    return all(len(set(names)) == len(names) for names in (ids, contracts, rows))


def test_each_change_is_a_line_that_names_what_it_is_about() -> None:
    new = with_item(PLAN, "2", owner="edge", depends=(), risk="old tokens", scope=("src", "docs"))
    new = with_item(new, "3", verification=("make lint",), requests=("logging",))
    new = replace(new, objective="Agree soon", items=(*new.items[1:], item("4", "mobile", "3")))
    assert difference(PLAN, new) == [
        "objective Agree → Agree soon",
        "- item 1: Title of 1 (backend)",
        "item 2: owner mobile → edge",
        "item 2: depends 1 → none",
        "item 2: scope",
        "    src",
        "  + docs",
        "item 2: risk none → old tokens",
        "item 3: verification",
        "  - make test",
        "  + make lint",
        "item 3: requests none → logging",
        "+ item 4: Title of 4 (mobile, after 3)",
        "    verification",
        "        make test",
        "    scope",
        "        src",
    ]


def test_a_contract_s_shape_is_told_line_by_line() -> None:
    new = replace(PLAN, contracts=(replace(TOKEN, shape="POST /token\n→ {token, until}"),))
    assert difference(PLAN, new) == [
        "contract token: shape",
        "    POST /token",
        "  - → {token}",
        "  + → {token, until}",
    ]


def test_human_tasks_order_and_whole_contracts() -> None:
    human = Human(do="Press it.", expect="the LED", kind=HumanKind.DEVICE)
    old = with_item(PLAN, "3", owner=LEAD, human=human)
    new = with_item(old, "3", human=replace(human, do="Press it twice.", secret=True))
    new = replace(new, items=(*new.items[1:], new.items[0]), contracts=())
    assert difference(old, new) == [
        "item 3: human task, do Press it. → Press it twice.",
        "item 3: human task, secret no → yes",
        "order of the items 1, 2, 3 → 2, 3, 1",
        "- contract token: backend → mobile",
    ]
    assert difference(with_item(old, "3", human=None), old) == [
        "item 3: human task, do: Press it.",
        "item 3: human task, expect: the LED",
        "item 3: human task, kind: device",
    ]


def test_statuses_are_no_change() -> None:
    new = with_item(PLAN, "1", status=ItemStatus.DONE)
    assert difference(PLAN, replace(new, contracts=(replace(TOKEN, status=ContractStatus.KEPT),))) == []


# -- merging


def test_what_was_changed_by_hand_stays_in_what_is_proposed() -> None:
    mine = with_item(PLAN, "2", verification=("make lint",), title="By hand")
    mine = replace(mine, items=(*mine.items, item("9", "mobile")), risks=("by hand",))
    theirs = with_item(PLAN, "2", owner="edge", title="Proposed")
    theirs = replace(theirs, items=(*theirs.items, item("4", "backend")), objective="Proposed")
    made = merged(PLAN, mine, theirs)
    second = made.item("2")
    assert second is not None
    assert (second.title, second.owner, second.verification) == ("By hand", "edge", ("make lint",))
    assert [one.id for one in made.items] == ["1", "2", "3", "4", "9"]
    assert (made.objective, made.risks, made.contracts) == ("Proposed", ("by hand",), (TOKEN,))


def test_what_was_taken_out_stays_out_and_what_was_touched_by_hand_stays_in() -> None:
    without_third = replace(PLAN, items=PLAN.items[:2])
    assert merged(PLAN, without_third, with_item(PLAN, "3", title="Proposed")) == without_third
    assert merged(PLAN, PLAN, without_third) == without_third
    touched = with_item(PLAN, "3", title="By hand")
    assert merged(PLAN, touched, without_third) == touched


def test_two_new_items_of_one_name_are_both_there_and_so_no_plan() -> None:
    mine = replace(PLAN, items=(*PLAN.items, item("4", "mobile")))
    theirs = replace(PLAN, items=(*PLAN.items, item("4", "backend")))
    assert [one.owner for one in merged(PLAN, mine, theirs).items if one.id == "4"] == ["backend", "mobile"]


# -- what is altered


def test_an_item_is_altered_when_it_says_or_waits_for_something_else() -> None:
    plan = with_contract(PLAN, "2")
    assert altered(plan, plan) == ()
    assert altered(plan, with_item(plan, "3", title="Another")) == ("3",)
    assert altered(plan, replace(plan, items=plan.items[:2])) == ("3",)
    maker = item("4", "backend", contract="token")
    assert altered(plan, replace(plan, items=(*plan.items, maker))) == ("2",)
    assert altered(plan, with_item(plan, "1", status=ItemStatus.DONE)) == ()
