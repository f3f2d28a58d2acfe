"""What a person sees of an agent's work: golden files, of what the real Codex sent and of hostile text."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.person import UPDATE
from tmuxorch.host import views
from tmuxorch.host.feed import Feed
from tmuxorch.host.follow import Grown
from tmuxorch.host.paint import Ink, Row, folded, paint
from tmuxorch.host.pieces import message, unwrap_shell
from tmuxorch.host.text import LONGEST, MARKS, clean

GOLDEN = Path(__file__).parent / "golden"


def drawn(kind: str, data: bytes, ink: Ink, columns: int, size: int = 1 << 20) -> str:
    """The whole file drawn as one that is looked at later, fed in pieces of `size` bytes."""
    feed = Feed(views.renderer(kind, "/repo"))
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    rows = [row for piece in pieces for row in feed.rows(Grown(piece, False, 0), None)]
    return paint(rows + feed.last(None), ink, columns)


@pytest.mark.parametrize(("look", "ink"), [("txt", Ink()), ("ascii", Ink(unicode=False))])
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        *((name, 72) for name in ("exec", "frames", "hostile-exec", "hostile-frames")),
        *((name, columns) for name in ("work-exec", "work-frames") for columns in (60, 80, 200)),
    ],
)
def test_golden(name: str, columns: int, look: str, ink: Ink) -> None:
    text = drawn(name.split("-")[-1], (GOLDEN / f"{name}.jsonl").read_bytes(), ink, columns)
    path = GOLDEN / f"{name}{f'-{columns}' if columns != 72 else ''}.{look}"
    if os.environ.get(UPDATE):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", ["exec", "hostile-exec", "hostile-frames", "work-frames"])
def test_byte_by_byte_gives_the_same(name: str) -> None:
    kind, data = name.split("-")[-1], (GOLDEN / f"{name}.jsonl").read_bytes()
    assert drawn(kind, data, Ink(), 72, size=1) == drawn(kind, data, Ink(), 72)


def test_both_protocols_are_drawn_the_same() -> None:
    """But for what `codex exec` does not tell: durations, lines of files, what the agent was told."""
    said = {}
    for name in ("work-exec", "work-frames"):
        text = drawn(name.split("-")[-1], (GOLDEN / f"{name}.jsonl").read_bytes(), Ink(), 100)
        text = re.sub(r"(?m)^(>|!|thread|⚒ sub-agent: no script).*\n(  .*\n)*", "", text)
        text = re.sub(r" · \d+\.\d s|\+\d+ −\d+ | \+\d+ −\d+| → \S+", "", text)
        said[name] = re.sub(r"(?m)^R ", "M ", text)
    assert said["work-exec"] == said["work-frames"]
    assert len(said["work-exec"].splitlines()) > 70


def test_each_row_has_its_colour_and_gives_it_back() -> None:
    rows = [Row("gone wrong", "red", "! "), Row("as it is")]
    assert paint(rows, Ink(colour=True), 80) == "\x1b[31m! gone wrong\x1b[0m\nas it is\n"
    assert paint(rows, Ink(colour=False), 80) == "! gone wrong\nas it is\n"


def test_a_command_is_timed_while_it_is_watched_and_not_afterwards() -> None:
    item = {"id": "i", "type": "command_execution", "command": "true", "exit_code": 0}
    begin, end = (
        json.dumps({"type": f"item.{what}", "item": item}).encode() for what in ("started", "completed")
    )
    live, later = views.renderer("exec", ""), views.renderer("exec", "")
    assert [row.text for row in live(begin, 10.0) + live(end, 22.0)] == ["true", "exit 0 · 12 s"]
    assert [row.text for row in later(begin, None) + later(end, 22.0)] == ["true", "exit 0"]


def test_a_command_is_named_again_if_another_came_between() -> None:
    def event(what: str, name: str) -> bytes:
        item = {"id": name, "type": "command_execution", "command": name, "exit_code": 0}
        return json.dumps({"type": f"item.{what}", "item": item}).encode()

    render = views.renderer("exec", "")
    lines = [event("started", "a"), event("started", "b"), event("completed", "a"), event("completed", "b")]
    rows = [row.mark + row.text for line in lines for row in render(line, None)]
    assert rows == ["$ a", "$ b", "$ a", "  ✓ exit 0", "$ b", "  ✓ exit 0"]


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("/bin/bash -lc 'echo hi'", "echo hi"),
        ("bash -c ls", "ls"),
        ("""/usr/bin/zsh -lc "echo 'a b'" """, "echo 'a b'"),
        ("""/bin/bash -lc 'it'"'"'s'""", "it's"),
        ("/bin/bash -lc 'unfinished", "/bin/bash -lc 'unfinished"),
        ("/bin/bash -lc 'echo $0' argument", "/bin/bash -lc 'echo $0' argument"),
        ("/bin/bash -x script", "/bin/bash -x script"),
        ("git push", "git push"),
        ("", ""),
    ],
)
def test_unwrap_shell(command: str, shown: str) -> None:
    assert unwrap_shell(command) == shown


def test_a_structured_answer_is_named_and_not_printed() -> None:
    rows = message('{"role": "API", "key_docs": ["a", "b"], "tests": []}')
    assert [row.text for row in rows] == ["structured answer: role, key_docs (2), tests (0)"]
    assert [row.text for row in message("{no JSON")] == ["{no JSON"]


def test_long_output_is_folded_with_its_size() -> None:
    rows = folded("\n".join(f"line {n}" for n in range(1, 130)) + "\n\n", 6, 3, "dim", "  ")
    assert [row.text for row in rows] == [
        *(f"line {n}" for n in range(1, 7)),
        "… 120 lines, 984 B …",
        "line 127",
        "line 128",
        "line 129",
    ]


@pytest.mark.parametrize(
    ("text", "seen", "in_ascii"),
    [
        ("plain", "plain", "plain"),
        ("\x1b[1;31mred\x1b[0m", "red", "red"),
        ("\x1b[2J\x1b]0;x\x07", "␛[2J␛]0;x␇", r"\x1b[2J\x1b]0;x\x07"),
        ("\x9b2J\x7f", r"\x9b2J␡", r"\x9b2J\x7f"),
        ("a\u202eb\u2066c\u200bd\ufeffe", r"a\u202eb\u2066c\u200bd\ufeffe", r"a\u202eb\u2066c\u200bd\ufeffe"),
        ("a\u00a0b\u3000c", "a b  c", "a b  c"),
        ("\ud800", r"\ud800", r"\ud800"),
        ("👩‍💻 ✓ ü", "👩💻 ✓ ü", r"\U0001f469\U0001f4bb ok \xfc"),
        ("a\tb", "a       b", "a       b"),
        ("❤️ 👍🏽", "❤ 👍🏽", r"\u2764 \U0001f44d\U0001f3fd"),
        ("a\u3164b\u115fc\U000e0101d", r"a\u3164b\u115fc\U000e0101d", r"a\u3164b\u115fc\U000e0101d"),
    ],
)
def test_clean(text: str, seen: str, in_ascii: str) -> None:
    assert (clean(text), clean(text, unicode=False)) == (seen, in_ascii)


def test_a_storm_of_accents_is_cut() -> None:
    assert clean("e" + "\u0301" * 50 + "a\u0308") == "e" + "\u0301" * MARKS + "…a\u0308"


def test_a_very_long_line_is_cut() -> None:
    assert clean("x" * (LONGEST + 7)) == "x" * LONGEST + "… 7 more characters"


def test_a_sub_agents_thread_is_told_in_single_lines_and_counts_for_nothing() -> None:
    def told(method: str, by: str, **params: object) -> bytes:
        return json.dumps({"method": method, "params": {"threadId": by, **params}}).encode()

    usage = {"total": {"inputTokens": 9000, "outputTokens": 1}}
    render = views.renderer("frames", "")
    lines = [
        b'{"id": 2, "result": {"thread": {"id": "own"}}}',
        told("thread/started", "", thread={"id": "other", "parentThreadId": "own", "cwd": "/else"}),
        told("turn/started", "own"),
        told("item/started", "other", item={"type": "commandExecution", "command": "sh -c 'a\nb'"}),
        told("item/completed", "other", item={"type": "agentMessage", "text": "all\nof it"}),
        told("thread/tokenUsage/updated", "other", tokenUsage=usage),
        told("turn/completed", "other", turn={"status": "failed"}),
        told("turn/completed", "own", turn={"status": "completed", "durationMs": 2000}),
    ]
    rows = [row.mark + row.text for line in lines for row in render(line, None)]
    assert rows == ["⚒ sub-agent: $ a", "⚒ sub-agent: all", "── turn done · 2.0 s"]


def test_the_picture_in_the_docs_is_a_real_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "views.md").read_text()
    shown = page.split("```text\n")[1].split("```")[0]
    text = (GOLDEN / "work-frames-80.txt").read_text()
    at = 0
    for part in shown.split("…\n"):
        at = text.index(part, at) + len(part)
