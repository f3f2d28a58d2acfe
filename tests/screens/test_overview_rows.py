"""Rows of the overview, in this process: whatever agents write, at every size, of every plan."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.cli.cards import Json, child, item, point
from tests.screens.states import ACTIVITY, busy, pattern, worker
from tmuxorch.cli.screens.board import Board
from tmuxorch.cli.screens.cells import Known
from tmuxorch.cli.screens.foot import foot
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.lines import Line, columns
from tmuxorch.cli.screens.overview_head import head
from tmuxorch.cli.screens.overview_rows import sections
from tmuxorch.cli.screens.plan_view import DEEPEST, branches

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07",
    "#(touch owned) #{pid} #[fg=red]red",
    "[red]red[/] **bold** `code`",
    "\u202egnp.exe\u2066 \u200b\ufeff\x00nul",
    "漢字 한국어 ｗｉｄｅ " + "🇩🇪👍🏽👩\u200d💻❤\ufe0f1\ufe0f\u20e3",
    "क्षि กำ e\u0301 Z\u0335\u0321a \u1160\u11a8 \u2630\U0001d360",
    "x" * 10_000,
    "two\nlines\tand\r\nmore",
    "\udc80 \U000e0041 \uffff",
)


def overview(
    of: Json, activity: dict[str, str] | None = None, *, width: int, height: int, unicode: bool = True
) -> list[Line]:
    """The whole screen."""
    glyphs, now = Glyphs(unicode), time.time()
    said = ACTIVITY if activity is None else activity
    known = Known(glyphs=glyphs, status=of, activity=said, heard={"mobile": now - 65}, everything=False)
    board = Board(glyphs)
    board.take(sections(known), now)
    lines = head(of, "", width, now, glyphs)
    lines += board.draw(width, height - len(lines) - 1, now)
    return [*lines, foot("", board, False, width, glyphs)]


def texts(lines: Sequence[Line]) -> list[str]:
    return ["".join(words for words, _ in line) for line in lines]


def hostile(words: str) -> tuple[Json, dict[str, str]]:
    """A state in which agents and people have written that wherever they can."""
    plan = item("1", words, "running") | {"title": words, "contract": words, "flag": words}
    odd = item(words[:20], words, "pending", "1", words) | {"title": words}
    workers = [
        worker("W1", words, "running", 2),
        worker("W2", "x", "failed", 2, reason=words, violations=[words]),
    ]
    found = busy(
        workers=[one | {"task": words} for one in workers],
        children=[child(words, "idle") | {"branch": words}, child("mobile", "active")],
        patterns=[pattern() | {"task": words, "pattern": words}],
        checkpoints=[point(title=words, source=words, item=words)],
        paused={"title": words, "by": words, "until": "2030-01-01T00:00:00Z"},
    )
    found["run"] |= {"problem": words, "items": [plan, odd]}
    found["project"] |= {"dir": f"/{words}", "session": words}
    return found, {"mobile": words, "W1": words, "orchestrator": words}


@given(words=st.text() | st.sampled_from(HOSTILE), unicode=st.booleans(), width=st.integers(20, 300))
@example(words="".join(HOSTILE), unicode=True, width=80)
@example(words="".join(HOSTILE), unicode=False, width=200)
def test_nothing_that_is_written_acts_or_moves_what_stands_beside_it(
    words: str, unicode: bool, width: int
) -> None:
    found, activity = hostile(words)
    for line in overview(found, activity, width=width, height=40, unicode=unicode):
        text = "".join(part for part, _ in line)
        assert text.isprintable()
        assert unicode or text.isascii()
        assert columns(line) == cell_len(text) == sum(map(cell_len, text)) <= width
    assert unicode or all(
        text.isascii() for text in texts(overview(found, activity, width=width, height=9, unicode=False))
    )


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        ("e\u0301 각 漢字 ｗ 🇩🇪", "é 각 漢字 ｗ 🇩🇪"),
        ("Z\u0335\u0321a क्षि กำ", "Za कष กำ"),
        ("❤\ufe0f 1\ufe0f\u20e3 👍🏽 👩\u200d💻", "❤ 1 👍 👩💻"),
        ("a\u200db\u3000c\xa0d", "a\\u200db  c d"),
        (
            "\u2630 \u4dc0 \u3248 \U0001d360 \u1160 \u3164",
            "\\u2630 \\u4dc0 \\u3248 \\U0001d360 \\u1160 \\u3164",
        ),
        ("\ue0b0 \u0378 \U000e0041", "\\ue0b0 \\u0378 \\U000e0041"),
    ],
)
def test_what_tmux_draws_in_another_width_is_left_out_or_written_out(words: str, drawn: str) -> None:
    assert Glyphs(True).line(words) == drawn


def test_who_is_at_work_comes_before_all_that_is_not() -> None:
    """At 60x15, of eight at work in one part, none gives way to what is idle or over elsewhere."""
    found = busy(
        checkpoints=[],
        patterns=[],
        children=[child(name, "idle") for name in "abcdef"],
        workers=[
            worker(f"W{at}", "busy" if at > 12 else "over", "running" if at > 12 else "succeeded", 9)
            for at in range(21)
        ],
    )
    found["run"]["items"] = plan(*(f"{at}:" for at in range(20)))
    lines = texts(overview(found, {}, width=60, height=15))
    assert sum(" busy " in line for line in lines) == 8


@pytest.mark.parametrize("width", [60, 79, 80, 139, 140, 200, 300])
@pytest.mark.parametrize("height", [15, 24, 50, 80])
def test_every_size_shows_what_waits_what_broke_and_who_works(width: int, height: int) -> None:
    lines = texts(overview(busy(), width=width, height=height))
    assert len(lines) == height
    text = "\n".join(lines)
    for name in ("! C1 ", "! C2 ", "! C3 ", "mobile  ", "W3 reviewer", "✗ W2 implementer", "● P1 review"):
        assert name in text, (name, text)
    assert "more" in text or "not shown" in text or height > 24


def test_a_crowd_of_checkpoints_hides_no_failure() -> None:
    crowd = [point(id=f"C{number}", title="more") for number in range(1, 40)]
    lines = texts(overview(busy(checkpoints=crowd), width=60, height=15))
    assert "✗ W2 implementer" in "\n".join(lines)
    assert sum("! C" in line for line in lines) >= 6
    assert any("not shown: waiting for you" in line for line in lines)


def test_a_failed_worker_that_was_run_again_is_over() -> None:
    again = [
        worker("W1", "one", "failed", 9),
        *(worker(f"W{number}", "more", "succeeded", 5) for number in range(3, 9)),
        worker("W9", "one", "running", 2, parent="W1"),
    ]
    text = "\n".join(texts(overview(busy(workers=again), width=200, height=60)))
    assert "W1 one" not in text
    assert "2 more that ended" in text


def plan(*rows: str) -> list[Json]:
    """Items from `name: dependency dependency`."""
    pairs = [row.partition(":") for row in rows]
    return [item(name, "backend", "pending", *needs.split()) for name, _, needs in pairs]


def drawn(items: Sequence[Json]) -> list[str]:
    return [
        f"{one.prefix}{one.item['item']}" + (f" after {' '.join(one.after)}" if one.after else "")
        for one in branches(items, Glyphs(True))
    ]


def test_an_item_stands_below_the_last_that_it_waits_for() -> None:
    assert drawn(plan("1:", "2:1", "3:1", "4:2 3", "5:1", "6:", "7:4 6")) == [
        "1",
        "├ 2",
        "├ 3",
        "│ └ 4 after 2",
        "│   └ 7 after 6",
        "└ 5",
        "6",
    ]
    assert [one.holds for one in branches(plan("1:", "2:1", "3:2", "4:2"), Glyphs(True))] == [3, 2, 0, 0]


def test_a_long_chain_gets_no_wider_and_names_what_the_place_does_not_show() -> None:
    chain = drawn(plan("0:", *(f"{number}:{number - 1}" for number in range(1, 60))))
    assert chain[DEEPEST] == "  " * (DEEPEST - 1) + f"└ {DEEPEST}"
    assert chain[59] == "  " * (DEEPEST - 1) + "└ 59 after 58"


@given(st.lists(st.lists(st.integers(0, 14), max_size=4), max_size=15))
def test_every_item_of_any_plan_is_there_once(needs: list[list[int]]) -> None:
    """Also of one that goes in circles, or waits for what is not there."""
    items = [item(str(at), "x", "pending", *map(str, dict.fromkeys(some))) for at, some in enumerate(needs)]
    found = branches(items, Glyphs(True))
    assert sorted(int(one.item["item"]) for one in found) == list(range(len(items)))
    place = {one.item["item"]: at for at, one in enumerate(found)}
    for at, one in enumerate(found):
        shown = set(one.item["depends"]) - set(one.after)
        assert len(shown) <= 1
        assert all(place[name] < at for name in shown)
        assert (one.prefix != "") >= bool(shown)
