"""Text as hostile as agents and people can make it, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

from tmuxorch.core import text
from tmuxorch.core.model import LogEntry
from tmuxorch.core.plan import (
    ChildContext,
    Contract,
    ContractStatus,
    Human,
    HumanKind,
    ItemStatus,
    Plan,
    PlanItem,
    normal,
)
from tmuxorch.ledger.runs_md import RunsView, SessionRow

FRAGMENTS = (
    *(
        "#",
        "# ",
        "## Objective",
        "### Item 1: x",
        "#### Result",
        "##",
        "-",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "> ",
        ">",
    ),
    *(
        "---",
        "===",
        "***",
        "- - -",
        "___",
        "`",
        "``",
        "```",
        "```text",
        "````",
        "~~~",
        "|",
        "\\|",
        "| a | b |",
    ),
    *(
        "| --- | --- |",
        "\\",
        "\\\\",
        "\\`",
        "<!--",
        "-->",
        "<!-- tmuxorch:end log -->",
        "<!-- tmuxorch:begin log -->",
    ),
    *(
        "<b>",
        "</div>",
        "<div>",
        "<script>",
        "<?",
        "<![CDATA[",
        "<https://x.y>",
        "![x](http://x/y.png)",
        "[a]: b",
    ),
    *(
        "[x](y)",
        "[^1]: z",
        "[ ] ",
        "**Do:**",
        "**Scope:** `x`",
        "### Contract x",
        "**Shape:** y",
        "Do:",
        "Item",
        ": ",
        ":",
        ",",
        ", ",
        ";",
        "<br>",
    ),
    *("#{pane_id}", "#(ls)", "$(ls)", "%1", "&lt;", "&#0;", "{", "}", "_", "*", "**", "!", "!["),
    *(
        "\n",
        "\n\n",
        "\n    ",
        "\n  ",
        "\n   ",
        "\r\n",
        "\t",
        " ",
        "  ",
        "\x1b[31m",
        "\x00",
        "\u202e",
        "\u2028",
    ),
    *(
        "é",
        "漢字",
        "👩‍💻",
        "שלום",
        "\u200f",
        "\u00a0",
        "\u3000",
        "́",
        "a",
        "word",
        "x.y",
        "7",
        "pending",
        "yes",
        "none",
    ),
)
raw = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=8).map("".join)
lines = raw.map(text.line)
blocks = raw.map(text.block)
ids = st.sampled_from(("1", "2", "10", "a-b", "")) | lines


def few(of: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(of, max_size=3).map(tuple)


items = st.builds(
    PlanItem,
    id=ids,
    title=lines,
    owner=lines,
    depends=few(ids),
    status=st.sampled_from(ItemStatus),
    verification=few(lines),
    scope=few(lines),
    contract=lines,
    instructions=blocks,
    risk=lines,
    human=st.none()
    | st.builds(Human, do=blocks, expect=blocks, kind=st.sampled_from(HumanKind), secret=st.booleans()),
    requests=few(ids),
)
contracts = st.builds(
    Contract,
    name=ids,
    producer=lines,
    consumers=few(ids),
    shape=blocks,
    paths=few(lines),
    status=st.sampled_from(ContractStatus),
)
plans = st.builds(
    Plan,
    objective=blocks,
    success_criteria=few(lines),
    children=st.lists(
        st.builds(ChildContext, child=lines, role=lines, current_state=lines, key_docs=lines, releases=lines),
        max_size=2,
    ).map(tuple),
    items=st.lists(items, max_size=3).map(tuple),
    parallel=few(lines),
    contracts=st.lists(contracts, max_size=2).map(tuple),
    human_checkpoints=few(lines),
    risks=few(lines),
).map(normal)
entries = st.builds(
    LogEntry,
    number=st.integers(0, 10**6),
    at=st.floats(0, 4e9),
    child=lines,
    intent=blocks,
    result=blocks,
    checks=blocks,
    artifacts=blocks,
    resume=blocks,
    next_step=blocks,
)
views = st.builds(
    RunsView,
    overall_status=lines,
    waiting_on=lines,
    last_updated_by=lines,
    sessions=st.lists(
        st.builds(
            SessionRow, child=lines, session_handle=lines, state=lines, current_task=lines, last_summary=lines
        ),
        max_size=3,
    ).map(tuple),
    entries=st.lists(entries, max_size=3).map(tuple),
)
edits = st.lists(st.tuples(st.integers(0, 60), raw), max_size=4)
"""Lines to put into a document, each with its place."""


def edited(document: str, changes: list[tuple[int, str]]) -> str:
    """`document` with more lines in it."""
    rows = document.split("\n")
    for place, row in changes:
        rows.insert(place, row)
    return "\n".join(rows)
