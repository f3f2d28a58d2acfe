"""The page that a person reads: what it comes to first, then the list; agents' words do nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.core import reviews
from tests.core.hostile_answers import sources
from tests.core.reviews import finding, source
from tmuxorch.core import text
from tmuxorch.core.curate import Source, asked, curate
from tmuxorch.core.curated import Heading, Result, result
from tmuxorch.core.results import (
    Brief,
    Confidence,
    Findings,
    Judgement,
    Note,
    Notes,
    Option,
    Options,
    Ran,
    Severity,
    Verdict,
)
from tmuxorch.ledger import inline, result_md

GOLDEN = Path(__file__).with_name("golden")
MARKDOWN = MarkdownIt("commonmark").enable("table")
HEADING = Heading(run="P2", pattern="x", title="Test", task="Look.", started="", ended="", workers=())
SECTIONS = (
    *("Verdict: ", "Summary", "Next step", "What the workers said", "What stays open", "What is missing"),
    *("Before that", "How it was merged", "No findings"),
)
COUNTED = ("finding", "findings", "option", "options", "note", "notes")


def of(*given: Source, heading: Heading = HEADING) -> Result:
    """The result of these answers."""
    return result(replace(heading, workers=asked(given)), curate(given))


def research() -> Result:
    """Questions, options and a brief of which there was an earlier one."""
    redis = Note(
        claim="Redis keeps the whole queue in memory",
        source="https://redis.io/docs",
        confidence=Confidence.HIGH,
    )
    speed = Note(claim="AOF costs\nsome speed", source="", confidence=Confidence.LOW)
    again = Note(
        claim="Redis is keeping the whole queue in the memory",
        source="docs/queue.md:3",
        confidence=Confidence.MEDIUM,
    )
    keep = Option(
        name="Keep Redis",
        summary="Stay with what there is, and turn AOF on.",
        pros=("Nothing to move",),
        cons=("Memory grows with the queue", "One more thing to watch"),
        effort="a day",
    )
    move = Option(name="Postgres", summary="", pros=(), cons=(), effort="")
    first = Brief(summary="The queue is in memory.", points=(), next_step="Go on.")
    last = Brief(summary="Keep Redis.", points=("AOF is enough.",), next_step="Turn AOF on.")
    return of(
        source("W1", Notes(notes=(redis, speed), open=("How long is it?",)), about="Where is the queue?"),
        source("W2", Notes(notes=(again,), open=()), about="What does it cost?"),
        source("W3", Options(options=(keep, move))),
        source("W4", first, step="synthesis"),
        source("W5", last, step="next"),
        heading=replace(
            HEADING, title="Research", task="Where should\nthe queue be?", started="2026-01-05T23:59:59Z"
        ),
    )


def hostile() -> Result:
    """A change that does not hold, in words that would like to be something else."""
    fence = "`" * 3
    bad = finding(
        "`# Verdict: pass <b>",
        "src/`<img src=x>`.py:3",
        f"{fence}\n## Next step\n<script>\n{fence}",
        "Use `a|b` ![x](http://x/y.png)",
        severity=Severity.CRITICAL,
    )
    slow = Option(name="Wait #", summary="", pros=("- [ ] x",), cons=(), effort="`<i>` a day")
    verdict = Verdict(
        verdict=Judgement.FAIL,
        summary="# All is well\n\n<!-- hidden -->",
        checks=(Ran(command="make test | `tail`", result="1 failed\n## Checks"), Ran(command="", result="")),
        issues=("1. It fails <i>", "---"),
        next_step="- [ ] Merge \x1b[31mit\x1b[0m\n- [ ] Push",
    )
    return of(
        source("W1", Findings(findings=(bad,)), about="`risks"),
        source("W2", Findings(findings=(replace(bad, line=4, severity=Severity.LOW),)), about="`<b>`| c"),
        source("W3", None, about="<u>", problem="killed by `ann"),
        source("W4", verdict, step="verify"),
        source("W5", "# Only words"),
        source("W6", Options(options=(slow,)), about="`time"),
        heading=replace(HEADING, title="Review ##", task="> Look at `x` <b>"),
    )


def headings(page: str) -> list[tuple[str, str]]:
    """The headings of a page in which nothing acts: no markup and no images."""
    titles = []
    tokens = MARKDOWN.parse(page)
    for at, token in enumerate(tokens):
        for part in (token, *(token.children or ())):
            assert part.type not in ("html_block", "html_inline", "image"), page
        if token.type == "heading_open" and token.level == 0:
            titles.append((token.tag, inline.unescape(tokens[at + 1].content)))
    return titles


@pytest.mark.parametrize(
    ("name", "result"),
    [("review", reviews.seeded_result()), ("research", research()), ("hostile", hostile())],
)
def test_it_looks_as_a_person_would_write_it(name: str, result: Result) -> None:
    page = result_md.render(result)
    assert page == (GOLDEN / f"result-{name}.md").read_text()
    assert headings(page)


def test_what_it_comes_to_is_first_and_there_is_one_next_step() -> None:
    page = result_md.render(reviews.seeded_result())
    titles = [line for line in page.splitlines() if line.startswith("## ")]
    assert titles == ["## Summary", "## Next step", "## 6 findings", "## How it was merged"]
    assert all(text.width(line) <= 100 for line in page.splitlines())


def test_nothing_found_is_an_answer_and_nothing_given_is_told() -> None:
    page = result_md.render(of(source("W1", Findings(findings=())), source("W2", None, problem="lost")))
    assert "## No findings\n\n1 worker looked for some.\n" in page
    assert "## What is missing\n\n- W2: lost\n" in page


def test_plain_words_are_shown_only_where_there_is_nothing_else() -> None:
    words = source("W1", "I looked.\n# All", about="map")
    assert "### W1 (map)\n\n>   ```text\n>   I looked.\n" in result_md.render(of(words))
    assert "I looked" not in result_md.render(of(words, source("W2", Findings(findings=(finding(),)))))


@settings.get_profile("documents")
@given(sources)
def test_words_of_agents_stay_words(given: list[Source]) -> None:
    made = of(*given, heading=replace(HEADING, task=given[0].about if given else "x"))
    page = result_md.render(made)
    titles = headings(page)
    assert [title for tag, title in titles if tag == "h1"] == ["P2: Test"]
    for tag, title in titles[1:]:
        if tag == "h2":
            assert title.startswith(SECTIONS) or title.split(" ")[1:] in [[one] for one in COUNTED], title
    assert [title for tag, title in titles if tag == "h3" and ". " in title][: len(made.findings)] == [
        text.line(f"{number}. {one.severity}: {text.clip(one.title, result_md.TITLE)}")
        for number, one in enumerate(made.findings, 1)
    ]
    assert text.is_block(page.rstrip("\n"))
