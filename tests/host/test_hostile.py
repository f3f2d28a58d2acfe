"""Whatever an agent says, its window shows printable characters in rows that fit, and goes on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import wcwidth
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.host.test_drawing import GOLDEN, drawn
from tmuxorch.host.paint import Ink, Row, paint
from tmuxorch.host.text import MARKS, clean

OURS = re.compile(r"\x1b\[(?:1|2|4|31|32|33|36|1;33)m([^\x1b]*)\x1b\[0m")
STORM = re.compile(f"[\u0300-\u036f]{{{MARKS + 1}}}")
NASTY = [
    *(
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b[2J\x1b[H",
        "\x1b[31m",
        "\x9b31m",
        "\x1bPtmux;\x1b\x1b]0;x\x07\x1b\\",
        "\x1b",
    ),
    *(
        "#(touch x)",
        "#{pane_id}",
        "#[fg=red]",
        "\0",
        "\x7f",
        "\r",
        "\r\n",
        "\n",
        "\t",
        "\u2028",
        "\ud800",
        "\b\b\b",
    ),
    *(
        "\u202eevil\u202c",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u3164",
        "\u115f",
        "\U000e0101",
        "\U000e0041",
        "\u00ad",
    ),
    *(
        "e" + "\u0301" * 40,
        "\u0301",
        "👩‍👩‍👧‍👦",
        "👍🏽",
        "🇩🇪",
        "❤️",
        "日本語" * 30,
        "한국어",
        "ｱ",
        "ﷺ",
        "\u0e33",
    ),
    *("x" * 10_000, "word " * 300, "\t" * 300, "\u0600", "\ue000"),
    *(
        "```",
        "~~~\n",
        "**",
        "*",
        "_",
        "`",
        "``",
        "[a](b)",
        "![",
        "](",
        "\\",
        "# ",
        "> " * 50,
        "- [ ] ",
        "1. ",
    ),
    *("| a | b |\n|---|---|\n| c | d |", "|", "|-", "---", "\n    ", "<b>", "&lt;", "{", "[[[[", '{"a":'),
    *("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n", "Reconnecting...", "/bin/bash -lc '", "/repo/"),
]
TEXT = st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=6).map("".join)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SAMPLES = {
    kind: [
        json.loads(line)
        for name in (kind, f"work-{kind}")
        for line in (GOLDEN / f"{name}.jsonl").read_text().splitlines()
    ]
    for kind in ("exec", "frames")
}


@st.composite
def bent(draw: st.DrawFn, sample: Any) -> Any:
    """A real message with something else put anywhere into it; mostly, for a text, another text."""
    if isinstance(sample, str) and draw(st.integers(0, 9)):
        return draw(TEXT | TEXT.map(lambda text: sample[:200] + text))
    if not isinstance(sample, dict | list) or not sample or draw(st.integers(0, 9)) == 0:
        return draw(ANY)
    copy = sample.copy()
    key = draw(st.sampled_from(sorted(copy) if isinstance(copy, dict) else range(len(copy))))
    copy[key] = draw(bent(copy[key]))
    return copy


def fine(painted: str, ink: Ink, columns: int) -> None:
    """Nothing but printable rows that fit, and our own colours, which are given back on the same row."""
    if ink.colour:
        painted = OURS.sub(r"\1", painted)
    assert painted == "" or painted.endswith("\n")
    for row in painted.split("\n"):
        assert row.isprintable()
        assert ink.unicode or row.isascii()
        assert wcwidth.wcswidth(row) <= max(columns, 20)
        assert not STORM.search(row)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), kind=st.sampled_from(["exec", "frames"]), colour=st.booleans(), unicode=st.booleans())
def test_whatever_a_message_holds(data: st.DataObject, kind: str, colour: bool, unicode: bool) -> None:
    samples = st.sampled_from(SAMPLES[kind]).flatmap(bent)
    messages = data.draw(st.lists(samples, min_size=1, max_size=4))
    columns = data.draw(st.sampled_from([1, 20, 37, 80, 200]))
    written = "".join(json.dumps(message) + "\n" for message in messages).encode()
    ink = Ink(colour=colour, unicode=unicode)
    fine(drawn(kind, written, ink, columns), ink, columns)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT, st.sampled_from([20, 40, 80]), st.booleans())
@example("```", 20, True)
@example("", 20, True)
def test_whatever_an_agent_writes_as_markdown(text: str, columns: int, unicode: bool) -> None:
    item = {"id": "i", "type": "agent_message", "text": text}
    written = json.dumps({"type": "item.completed", "item": item}).encode()
    ink = Ink(colour=True, unicode=unicode)
    fine(drawn("exec", written, ink, columns), ink, columns)


@settings(deadline=None)
@given(TEXT, st.integers(1, 100), st.booleans())
@example("\u0301\u0301", 1, True)
@example("\x1b]52;c;ZXZpbA==\x07🇩🇪\\", 1, True)
def test_whatever_a_row_holds(text: str, columns: int, unicode: bool) -> None:
    ink = Ink(colour=True, unicode=unicode)
    fine(paint([Row(text, "red", "• ", ((text, "bold"),))], ink, columns), ink, columns)
    fine(paint([Row("x", "red", text)], ink, columns), ink, columns)


@settings(deadline=None)
@given(TEXT)
def test_wrapping_loses_nothing_but_spaces(text: str) -> None:
    painted = paint([Row(text)], Ink(), 24)
    assert re.sub(r"\s", "", painted) == re.sub(r"\s", "", clean(text))


@pytest.mark.parametrize("kind", ["exec", "frames"])
def test_json_too_deep_for_the_parser_stops_nothing(kind: str) -> None:
    assert drawn(kind, b"[" * 100_000 + b"\n", Ink(), 80).count("\n") < 100


def test_a_call_with_arguments_too_deep_to_show() -> None:
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    begin = (
        b'{"type":"item.started","item":{"id":"i","type":"mcp_tool_call","server":"s","tool":"t","arguments":'
    )
    assert len(drawn("exec", begin + deep + b"}}\n", Ink(), 80).splitlines()) in (1, 2)


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(1, 7), st.sampled_from(["exec", "frames", "log"]))
def test_bytes_in_any_pieces_give_the_same(data: bytes, size: int, kind: str) -> None:
    fine(drawn(kind, data, Ink(), 40), Ink(), 40)
    assert drawn(kind, data, Ink(), 40, size) == drawn(kind, data, Ink(), 40)
