"""The one result of a pattern: what it has of each answer, what is missing, what a later step is given."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import fields

from tests.core import reviews
from tests.core.hostile_answers import sources
from tests.core.reviews import brief, finding, source
from tmuxorch.core import text
from tmuxorch.core.curate import ENTRIES, Source, asked, curate
from tmuxorch.core.curated import Asked, Curated, Missing, Result
from tmuxorch.core.locations import shown
from tmuxorch.core.pattern import Answer
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
    Said,
    Verdict,
)
from tmuxorch.demo.stories import ONBOARDING


def verdict(summary: str) -> Verdict:
    return Verdict(
        verdict=Judgement.FAIL,
        summary=summary,
        checks=(Ran(command="make\ntest", result="1 failed\n"),),
        issues=("i",),
        next_step="Mend it.",
    )


def test_the_seeded_review_finds_six_in_the_documented_order() -> None:
    curated = curate(reviews.seeded_sources())
    assert curated.given == 9
    found = [
        (one.severity, shown(one.file, one.line), [f"{by.worker} {by.about}" for by in one.sources])
        for one in curated.findings
    ]
    assert found == [
        ("critical", "firmware/firmware/onboarding.py:10", ["W3 timeouts"]),
        ("high", "backend/backend/api.py:35", ["W1 correctness", "W3 timeouts"]),
        ("high", "firmware/firmware/onboarding.py:14", ["W1 correctness", "W2 risks"]),
        ("medium", "mobile/mobile/onboarding.py:16", ["W2 risks", "W3 timeouts"]),
        ("medium", "backend/backend/registry.py:20", ["W1 correctness"]),
        ("medium", "backend/backend/api.py:41", ["W2 risks"]),
    ]
    assert curated.brief == reviews.SEEDED.brief
    assert curated.next_step == reviews.SEEDED.brief.next_step


@pytest.mark.parametrize("lens", reviews.SEEDED.answers)
def test_the_seeded_review_is_about_lines_of_the_sample_repos(lens: str) -> None:
    for one in reviews.SEEDED.answers[lens].findings:
        repo, _, path = (one.file or "").partition("/")
        history = next(each for each in ONBOARDING.histories if each.stem == repo).read_text()
        (*_, code) = re.findall(rf"^M 100644 inline {path}\ndata <<END\n(.*?)^END$", history, re.S | re.M)
        around = "\n".join(code.splitlines()[max(0, (one.line or 0) - 6) : (one.line or 0) + 6])
        quoted = re.findall(r"`(?:\w+\.)?(\w+)`", one.evidence) or ["TimeoutError", "LinkDown"]
        assert any(name in around for name in quoted), one.title


def test_every_form_has_its_place() -> None:
    note = Note(claim=" c\n", source="s\n", confidence=Confidence.LOW)
    option = Option(name="n", summary="", pros=(), cons=(), effort="")
    curated = curate(
        [
            source("W1", Notes(notes=(note,), open=("o", "", "o")), about="q\x1b[1m"),
            source("W2", Options(options=(option,))),
            source("W3", "words \x00"),
            source("W10", verdict("holds not\t")),
            source("W9", brief("late")),
            source("W8", brief("early")),
        ]
    )
    assert [(one.claim, one.sources[0].about) for one in curated.notes] == [("c", "q")]
    assert [one.name for one in curated.options] == ["n"]
    assert curated.open == ("o",)
    assert [(one.worker, one.text) for one in curated.texts] == [("W3", "words")]
    assert curated.brief == Brief(summary="late", points=("p",), next_step="Go on.")
    assert curated.verdict is not None
    assert (curated.verdict.summary, curated.verdict.checks[0]) == (
        "holds not",
        Ran(command="make test", result="1 failed"),
    )
    assert [(one.worker, one.brief and one.brief.summary) for one in curated.earlier] == [("W8", "early")]
    assert curated.next_step == "Mend it."
    assert curated.given == 2
    assert curated.missing == ()


def test_what_is_missing_is_told() -> None:
    many = tuple(finding(f"t{number}", f"a.py:{number * 10}") for number in range(ENTRIES + 7))
    curated = curate(
        [
            source("W3", None, about="risks", problem="killed \x1b[31mby ann\n"),
            source("W2", None),
            source("W1", " \n"),
            source("W4", Findings(findings=many)),
            source("W5", Findings(findings=())),
        ]
    )
    assert [(one.worker, one.about, one.problem) for one in curated.missing] == [
        ("W1", "", "its answer is empty"),
        ("W2", "", "it gave nothing"),
        ("W3", "risks", "killed by ann"),
        ("W4", "", "it gave 107 entries, of which the first 100 are kept"),
    ]
    assert len(curated.findings) == curated.given == ENTRIES
    assert curated.texts == ()


@pytest.mark.parametrize(
    ("sources", "step"),
    [
        ([source("W1", brief("a", "One.")), source("W2", verdict("b"))], "Mend it."),
        ([source("W2", brief("a", "One.")), source("W1", verdict("b"))], "One."),
        ([source("W1", verdict("b")), source("W2", brief("a", " "))], "Mend it."),
        (
            [source("W1", Findings(findings=(finding("x", "a.py:3"),)))],
            "Begin with what is worst: x (a.py:3)",
        ),
        ([source("W1", Findings(findings=(finding("x"),)))], "Begin with what is worst: x"),
        ([source("W1", "words")], ""),
        ([], ""),
    ],
)
def test_there_is_one_next_step(sources: Sequence[Source], step: str) -> None:
    assert curate(sources).next_step == step


def test_who_took_part() -> None:
    note = Note(claim="c", source="", confidence=Confidence.LOW)
    option = Option(name="n", summary="", pros=(), cons=(), effort="")
    given: tuple[Said | str | None, ...] = (
        Findings(findings=(finding(), finding())),
        Notes(notes=(note,), open=()),
        Options(options=(option,)),
        brief("b"),
        verdict("v"),
        "words",
        None,
    )
    took_part = asked(source(f"W{number}", said) for number, said in enumerate(given, 1))
    assert [(one.form, one.entries) for one in took_part] == [
        (Answer.FINDINGS, 2),
        (Answer.NOTES, 1),
        (Answer.OPTIONS, 1),
        (Answer.BRIEF, 0),
        (Answer.VERDICT, 0),
        (Answer.TEXT, 0),
        (None, 0),
    ]


def test_paths_are_relative_to_the_root() -> None:
    said = Findings(findings=(finding("t", "/repos/a.py:3"),))
    assert curate([source("W1", said)], "/repos").findings[0].file == "a.py"


def test_the_result_is_public_and_reads_back() -> None:
    result = reviews.seeded_result()
    assert json.decode(json.encode(result), type=Result) == result
    keys = [field.encode_name for field in fields(Result)]
    assert " ".join(keys) == (
        "version run pattern title task started ended workers "
        "findings notes options open texts earlier brief verdict missing given next_step"
    )
    assert {field.name for field in fields(Curated)} <= set(keys)
    assert result.version == 1
    assert result.workers[0] == Asked(
        worker="W1", step="review", about="correctness", form=Answer.FINDINGS, entries=3
    )


PROFILE = settings(max_examples=100, deadline=None, database=None)


@PROFILE
@given(sources, st.randoms(use_true_random=False))
def test_the_order_in_which_workers_end_does_not_matter(every: list[Source], chance: object) -> None:
    mixed = list(every)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert curate(mixed) == curate(every)
    assert asked(mixed) == asked(every)


@PROFILE
@given(sources)
def test_whatever_was_said_is_kept_in_normal_form(every: list[Source]) -> None:
    curated = curate(every)
    assert json.decode(json.encode(curated), type=Curated) == curated
    for one in curated.findings:
        assert text.is_line(one.title)
        assert text.is_line(one.why)
        assert text.is_block(one.evidence)
        assert text.is_block(one.fix)
    for note in curated.notes:
        assert text.is_block(note.claim)
        assert text.is_line(note.source)
    for missing in curated.missing:
        assert isinstance(missing, Missing)
        assert text.is_line(missing.about)
        assert text.is_line(missing.problem)
