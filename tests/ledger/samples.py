"""What the documents are made from where a test looks at them as a person would."""

from __future__ import annotations

from functools import cache

from tests.core import golden
from tmuxorch.core import events as e
from tmuxorch.core import model as m
from tmuxorch.core.evolve import evolve
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
)
from tmuxorch.ledger.runs_md import RunsView, SessionRow

PLAN = Plan(
    objective="A new device is on the network within a minute.",
    success_criteria=("the app shows `online`", "# a heading | a pipe", "1. a number", "a <!-- comment -->"),
    children=(
        ChildContext(
            child="backend",
            role="API | tokens",
            current_state="*two* tests fail",
            key_docs="README.md",
            releases="",
        ),
        ChildContext(child="mobile", role="the app"),
    ),
    items=(
        PlanItem(
            id="1",
            title="Issue tokens of 32 bytes",
            owner="backend",
            status=ItemStatus.DONE,
            verification=("make test", "grep -c 'a\\|b' src/`hostname`.py | tail"),
            scope=("src/**", "tests/"),
            contract="POST /token → {token}",
            instructions="In this order:\n\n1. `token.py`\n2. its tests\n\n```sh\nmake test\n```",
            risk="old tokens",
            requests=("logging", "pre-tests"),
        ),
        PlanItem(
            id="2",
            title="Try it on a device #",
            owner=LEAD,
            depends=("1",),
            human=Human(
                do="Press the button.\nWait.",
                expect="What the LED does:\n<b>green</b>\n### Item 3: red",
                kind=HumanKind.DEVICE,
                secret=True,
            ),
        ),
    ),
    parallel=("1 and nothing else",),
    contracts=(
        Contract(
            name="POST /token → {token}",
            producer="backend",
            consumers=("mobile",),
            shape='```json\n{"token": "64 hex digits"}\n```',
            paths=("docs/api.md", "src/token.py"),
            status=ContractStatus.AGREED,
        ),
        Contract(name="status", producer="mobile", consumers=("backend",), shape="one word\n### Item 9"),
    ),
    human_checkpoints=("item 2 needs a device",),
)

VIEW = RunsView(
    overall_status="R1 execute 1/2: Devices do not get on the network",
    waiting_on="C3 Try it on a device <b>",
    last_updated_by="tmuxorch, 2025-11-21 00:10 UTC",
    sessions=(
        SessionRow(child="backend", session_handle="019a", state="idle", last_summary="done | *all* of it"),
    ),
    entries=(
        m.LogEntry(
            number=11,
            at=1763683200.0,
            child="backend",
            intent="item (item 1)",
            result="completed in 3.0 s\nIts words: tests pass.\n\n- `token.py`\n- its tests",
            checks="`make test` in /repos/backend, sandboxed: pass",
            artifacts="branch main",
            resume="tmuxorch tui backend",
        ),
        m.LogEntry(
            number=12,
            at=1763683260.25,
            child="### 13 · backend",
            intent="#### Result",
            result="### 13 · mobile\n<!-- tmuxorch:end log -->\n```\n<script>",
        ),
    ),
)


@cache
def states() -> tuple[m.State, ...]:
    """Every state of the core's whole story, in which everything that can be recorded happens once."""
    found = [m.State()]
    for record in golden.read():
        found.append(evolve(found[-1], e.decode(record.event), record.at))
    return tuple(found)
