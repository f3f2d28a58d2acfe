"""plan.md: every plan reads back as it was, and what is foreign stays."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.ledger import hostile
from tests.ledger.samples import PLAN
from tmuxorch.core.plan import Plan, normal
from tmuxorch.errors import PlanError
from tmuxorch.ledger import plan_md

PROFILE = settings.get_profile("documents")
GOLDEN = Path(__file__).with_name("golden")


@PROFILE
@given(hostile.plans, hostile.plans, hostile.edits, st.sampled_from(["\n", "\r\n", "\r"]))
@example(Plan(), Plan(), [], "\n")
def test_every_plan_reads_back_and_an_edit_is_a_plan_or_says_what_is_wrong(
    plan: Plan, older: Plan, edits: list[tuple[int, str]], line_end: str
) -> None:
    """Alone, and whatever was there before."""
    assert plan_md.parse(plan_md.render(plan)) == plan
    previous = hostile.edited(plan_md.render(older), edits)
    written = plan_md.render(plan, previous)
    assert plan_md.parse(written) == plan
    assert plan_md.render(plan, written) == written

    complaint, read = "", Plan()
    try:
        read = plan_md.parse(previous.replace("\n", line_end))
    except PlanError as error:
        complaint = error.message
    assert complaint.startswith("plan.md line ") if complaint else normal(read) == read


def test_it_looks_as_a_person_would_write_it() -> None:
    assert plan_md.render(PLAN) == (GOLDEN / "plan-written.md").read_text()
    assert plan_md.parse((GOLDEN / "plan-written.md").read_text()) == PLAN


def test_upstreams_headings_and_columns() -> None:
    lines = plan_md.render(Plan()).splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# Plan",
        "## Objective",
        "## Success Criteria",
        "## Child Context",
        "## Working Plan",
        "## Parallel Work",
        "## Human Checkpoints",
        "## Risks And Open Questions",
    ]
    assert "| Child | Role | Current State | Key Docs Pulled | Commit / Release Notes |" in lines
    assert "| Item | Owner | Dependencies | Status | Verification |" in lines


FOREIGN = (
    ("# Plan", "Words before everything.\r\n\r\n"),
    ("## Success Criteria", "## Ours: naming\r\n\r\n| not | a plan |\r\n|---|---|\r\n"),
    ("## Parallel Work", "### Notes on item 1\n\n* mine\t\n\n#### deeper\n\n```\n## Objective\n```\n"),
    ("### Item 2", "### After item 1\n\n<!-- kept -->\n"),
    ("", "## Last\n\nwithout a line feed"),
)


def with_foreign(text: str) -> str:
    for before, foreign in FOREIGN:
        head, mark, tail = text.partition(f"\n{before}") if before != "# Plan" else ("", "", text)
        if before == "# Plan":
            text = foreign + text
        elif before:
            text = f"{head}\n{foreign}\n{mark.lstrip()}{tail}"
        else:
            text += f"\n{foreign}"
    return text


def test_what_is_foreign_stays_byte_for_byte_and_in_its_place() -> None:
    previous = with_foreign(plan_md.render(PLAN))
    assert plan_md.parse(previous) == PLAN
    assert plan_md.render(PLAN, previous) == previous


def test_what_follows_an_item_that_is_gone_follows_the_one_before_it() -> None:
    previous = with_foreign(plan_md.render(PLAN))
    fewer = normal(Plan(objective=PLAN.objective, items=PLAN.items[1:]))
    written = plan_md.render(fewer, previous)
    assert plan_md.parse(written) == fewer
    for _, foreign in FOREIGN:
        assert foreign in written
    assert written.index("| 2 |") < written.index("### After item 1") < written.index("### Item 2")


def test_a_foreign_fence_that_is_not_closed_swallows_nothing() -> None:
    previous = plan_md.render(PLAN).replace("## Parallel Work", "## Mine\n\n```\nopen\n\n## Parallel Work")
    written = plan_md.render(PLAN, previous)
    assert plan_md.parse(written) == PLAN
    assert "## Mine\n\n```\nopen\n" in written


def test_a_byte_order_mark_makes_no_second_title() -> None:
    written = plan_md.render(PLAN)
    assert plan_md.render(PLAN, "\ufeff" + written) == written
