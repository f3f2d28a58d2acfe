"""plan.md after somebody edited it: what is harmless is understood, what is broken is told with its line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ledger.samples import PLAN
from tmuxorch.core.plan import Contract, ItemStatus, PlanItem
from tmuxorch.errors import PlanError
from tmuxorch.ledger import plan_md

WRITTEN = plan_md.render(PLAN)
PARALLEL = WRITTEN[WRITTEN.index("## Parallel Work") : WRITTEN.index("## Human Checkpoints")]


def swapped(old: str, new: str) -> str:
    assert WRITTEN.count(old) >= 1
    return WRITTEN.replace(old, new, 1)


@pytest.mark.parametrize(
    "edited",
    [
        WRITTEN.replace("\n", "\r\n"),
        "\ufeff" + WRITTEN,
        WRITTEN.rstrip("\n"),
        WRITTEN.replace("- the app", "* the app"),
        WRITTEN.replace("\n- ", "\n+ "),
        WRITTEN.replace("\n- ", "\n-   ").replace("\n  ", "\n    "),
        WRITTEN.replace("| --- |", "|:-----:|"),
        WRITTEN.replace("| backend | API", "|backend|   API"),
        swapped("| 1 | backend |  | done |", "1 | backend | | Done |"),
        swapped("## Working Plan", "## working plan ##"),
        swapped("Objective\n", "Objective\n---------\n").replace("## Objective", "Objective"),
        swapped("- A new device", "A new device"),
        swapped("- **Contract:** POST", "- __contract__: POST"),
        swapped("`src/**`, `tests/`", "`src/**`;`tests/`"),
        swapped("POST /token → {token}", "POST /token\n  → {token}"),
        swapped("- **Risk:** old tokens\n", "").replace(
            "- **Scope:**", "- **Risk:** old tokens\n- **Scope:**", 1
        ),
        swapped(PARALLEL, "") + "\n" + PARALLEL,
        swapped("- item 2 needs a device\n", "-\n- item 2 needs a device\n-\n"),
        WRITTEN.replace("# Plan\n\n", "", 1),
    ],
)
def test_harmless_differences_are_understood(edited: str) -> None:
    assert edited != WRITTEN
    assert plan_md.parse(edited) == PLAN


def test_an_added_row_needs_no_sub_section() -> None:
    row = "| 3 | mobile | 1, 2 | pending | `true` |"
    plan = plan_md.parse(swapped("\n\n### Item 1", f"\n{row}\n\n### Item 1"))
    added = PlanItem(id="3", title="", owner="mobile", depends=("1", "2"), verification=("true",))
    assert plan == replace(PLAN, items=(*PLAN.items, added))


def test_a_contract_may_be_typed_in_few_words() -> None:
    few = "### contract errors\n* Producer: backend\n* Consumers: mobile\n* Shape: `{code}`\n"
    plan = plan_md.parse(swapped("## Human Checkpoints", f"{few}\n## Human Checkpoints"))
    added = Contract(name="errors", producer="backend", consumers=("mobile",), shape="`{code}`")
    assert plan == replace(PLAN, contracts=(*PLAN.contracts, added))


def test_notes_below_parallel_work_stay_notes() -> None:
    note = "### Who talks to whom\n\nwords\n"
    edited = swapped("## Human Checkpoints", f"{note}\n## Human Checkpoints")
    assert plan_md.parse(edited) == PLAN
    assert plan_md.render(PLAN, edited) == edited


def test_upstreams_own_template_is_a_plan() -> None:
    template = """# Plan

## Objective

- One paragraph.

## Success Criteria

-

## Child Context

| Child | Role | Current State | Key Docs Pulled | Commit / Release Notes |
| --- | --- | --- | --- | --- |
| child-1 | | | | |
| child-2 | | | | |

## Working Plan

| Item | Owner | Dependencies | Status | Verification |
| --- | --- | --- | --- | --- |
| 1 | orchestrator | | pending | |

## Parallel Work

## Human Checkpoints

## Risks And Open Questions
"""
    plan = plan_md.parse(template)
    assert [row.child for row in plan.children] == ["child-1", "child-2"]
    assert plan.items == (PlanItem(id="1", title="", owner="orchestrator", status=ItemStatus.PENDING),)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("## Success Criteria", "## Sucess Criteria", "## Suc", "expected the heading '## Success Criteria'"),
        ("## Parallel Work", "## Objective", "## Objective", "'## Objective' is there twice"),
        ("| Item | Owner |", "| Item | Who |", "| Item | Who", "expected the columns | Item | Owner | Dep"),
        (
            "| 2 | orchestrator |",
            "| 2 |",
            "| 2 |",
            "expected 5 cells (Item, Owner, Dependencies, Status, Verif",
        ),
        ("| done |", "| dome |", "| dome |", "unknown status 'dome'; nearest: done; known: pending, ready"),
        ("`make test`, ", "make test, ", "make test, ", "expected the commands in backticks"),
        ("`src/**`, ", "src/**, ", "src/**", "expected the paths in backticks"),
        ("### Item 2:", "### Item 7:", "### Item 7", "item 7 has this sub-section, but no row"),
        ("- **Risk:**", "- **Riks:**", "Riks", "nearest: Risk"),
        ("- **Risk:**", "- **Contract:**", "old tokens", "Contract is there twice"),
        ("- **Risk:** old tokens", "old tokens", "old tokens", "expected bullets with the labels **Scope:**"),
        ("- item 2 needs", "item 2 needs", "item 2 needs", "expected bullets; notes of your own"),
        (
            "- item 2 needs a device",
            "- item 2\n  - a device",
            "- item 2",
            "expected a bullet of one paragraph",
        ),
        ("logging, pre-tests", "logging\n  - pre-tests", "Requests", "expected a bullet of one paragraph"),
        (
            "**Kind:** device",
            "**Kind:** devise",
            "devise",
            "unknown kind 'devise'; nearest: device; known: d",
        ),
        ("**Secret:** yes", "**Secret:** maybe", "maybe", "expected yes or no, found 'maybe'"),
        ("**Status:** agreed", "**Status:** okay", "okay", "unknown status 'okay'; known: proposed, agreed"),
        ("`docs/api.md`, ", "docs/api.md, ", "docs/api.md", "expected the paths in backticks"),
        ("**Producer:**", "**Provider:**", "Provider", "expected a bullet with one of the labels **Producer"),
        ("- **Producer:** mobile", "no bullet", "no bullet", "expected bullets with the labels **Prod"),
        ("- A new device", "- Another\n- A new device", "- A new", "expected one bullet: the objective"),
    ],
)
def test_a_broken_edit_is_told_with_its_line(old: str, new: str, at: str, says: str) -> None:
    edited = swapped(old, new)
    with pytest.raises(PlanError) as caught:
        plan_md.parse(edited)
    assert says in caught.value.message
    last = max(number for number, line in enumerate(edited.splitlines(), 1) if at in line)
    assert caught.value.message.startswith(f"plan.md line {last}: ")


def test_a_missing_section_is_named() -> None:
    with pytest.raises(PlanError, match="the file ends without the section '## Risks And Open Questions'"):
        plan_md.parse(WRITTEN[: WRITTEN.index("## Risks")])
