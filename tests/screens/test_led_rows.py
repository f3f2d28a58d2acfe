"""The overview of a run that an agent leads by itself says who does, and which items wait for its word."""

from __future__ import annotations

from tests.cli.cards import item
from tests.screens.states import busy
from tests.screens.test_overview_rows import HOSTILE, overview, texts


def led(by: str) -> list[str]:
    """The screen of such a run with one item that could begin."""
    found = busy()
    found["run"] |= {"led": by, "items": [item("1", "backend", "ready") | {"awaits_lead": True}]}
    return texts(overview(found, {}, width=120, height=40))


def test_who_leads_and_what_waits_for_its_word() -> None:
    lines = led("claude-code (mcp)")
    (head,) = [line for line in lines if line.startswith("R1 ")]
    assert "· led by claude-code (mcp) ·" in head
    (row,) = [line for line in lines if "waits for the lead's word" in line]
    assert "ready" in row


def test_what_who_leads_calls_itself_moves_nothing() -> None:
    plain = led("x")
    for words in HOSTILE:
        assert len(led(words)) == len(plain)
