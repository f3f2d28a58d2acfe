"""Findings of several reviewers: what is one, what stays apart, in which order they are, and why."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core import reviews
from tests.core.reviews import finding
from tmuxorch.core import alike, text
from tmuxorch.core.agreement import Given
from tmuxorch.core.merge import NEAR, UNTITLED, MergedFinding, merge, normal
from tmuxorch.core.results import Confidence, Finding, Severity

PAIRS = reviews.pairs()
SLEEP = finding(
    "The worker sleeps for a fixed time",
    "jobs/wait.py:10",
    "`wait()` sleeps 35 s before it looks for the first time.",
    "Look at once, then again with growing pauses.",
)


def merged(*findings: Finding) -> tuple[MergedFinding, ...]:
    """Each finding given by a worker of its own: W1, W2…"""
    every = [one for number, said in enumerate(findings, 1) for one in reviews.given(f"W{number}", said)]
    return merge(normal(every), len(findings))


def at(line: int | None, **more: object) -> Finding:
    """The same mistake in another line."""
    return replace(SLEEP, line=line, **more)


@pytest.mark.parametrize("name", PAIRS["same"])
def test_a_mistake_in_other_words_is_the_same(name: str) -> None:
    one, other = PAIRS["same"][name]
    assert len(merged(one, other)) == 1
    assert len(merged(other, one)) == 1


@pytest.mark.parametrize("name", PAIRS["different"])
def test_different_mistakes_stay_apart(name: str) -> None:
    one, other = PAIRS["different"][name]
    assert len(merged(one, other)) == 2
    assert len(merged(other, one)) == 2


@pytest.mark.parametrize("name", PAIRS["in doubt"])
def test_in_doubt_they_stay_apart(name: str) -> None:
    assert len(merged(*PAIRS["in doubt"][name])) == 2


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        (at(10), at(10 + NEAR), 1),
        (at(10), at(11 + NEAR), 2),
        (at(10), at(None), 1),
        (at(None), at(None), 1),
        (at(10), at(None, fix="Start the worker later."), 2),
        (at(10), at(10, fix="Begin at once, with pauses that grow."), 1),
        (at(10), at(None, file=None), 2),
        (at(None, file=None), at(None, file=None), 1),
        (at(10), at(10, file="wait.py"), 1),
        (at(10), at(10, file="b/jobs/wait.py"), 1),
        (at(10), at(10, file="./jobs\\wait.py"), 1),
        (at(10), at(None, file="jobs/wait.py:12"), 1),
        (at(10), at(10, file="t.py"), 2),
        (at(10), at(10, fix=""), 1),
        (at(10), at(10, fix="", evidence="It sleeps for a fixed time before it looks."), 2),
    ],
)
def test_places_that_are_one(one: Finding, other: Finding, count: int) -> None:
    assert len(merged(one, other)) == count


def test_the_end_of_a_path_that_may_be_of_two_files_is_neither() -> None:
    short = at(10, file="wait.py")
    assert len(merged(at(10), at(10, file="other/wait.py"), short)) == 3


def test_nobody_agrees_with_themselves() -> None:
    assert len(merge(normal(reviews.given("W1", SLEEP, SLEEP)), 1)) == 2


def test_there_are_no_chains() -> None:
    chain = merged(at(1), at(1 + NEAR), at(1 + 2 * NEAR))
    assert [[one.worker for one in found.sources] for found in chain] == [["W1", "W2"], ["W3"]]


def test_the_nearest_of_two_places_is_the_same() -> None:
    every = [*reviews.given("W1", at(10), at(13)), *reviews.given("W2", at(13), at(10))]
    found = merge(normal(every), 2)
    assert [[(one.worker, one.said.line) for one in each.sources] for each in found] == [
        [("W1", 10), ("W2", 10)],
        [("W1", 13), ("W2", 13)],
    ]


def test_the_merged_one_has_the_worst_severity_and_the_words_of_the_best() -> None:
    (one,) = merged(
        at(10, severity=Severity.MEDIUM, title="A fixed sleep", file="wait.py"),
        at(12, severity=Severity.HIGH, confidence=Confidence.LOW, evidence=""),
        at(9, severity=Severity.LOW, title="Sleeps too long"),
    )
    assert (one.title, one.severity, one.confidence) == (SLEEP.title, Severity.HIGH, Confidence.HIGH)
    assert (one.file, one.line, one.evidence) == ("jobs/wait.py", 12, SLEEP.evidence)
    assert (one.agreement, one.reviewers) == (3, 3)
    assert [source.worker for source in one.sources] == ["W2", "W1", "W3"]
    assert one.sources[1].said.title == "A fixed sleep"


def test_it_says_why() -> None:
    one, other = merged(
        SLEEP, at(12, title="A fixed sleep", severity=Severity.LOW), finding("Else", "x.py:1")
    )
    assert one.why == (
        "high (W2: low) · 2 of 3 · confidence high · merged with W2's “A fixed sleep”: 2 lines apart, 98 % alike"
    )
    assert other.why == "high · 1 of 3 · confidence high"


def test_the_worst_is_first_then_that_of_most_then_the_surest_then_by_place() -> None:
    order = [
        finding("a", "z.py:1", severity=Severity.CRITICAL, confidence=Confidence.LOW),
        SLEEP,
        finding("b", "z.py:1"),
        finding("c", "a.py:1", confidence=Confidence.MEDIUM),
        finding("b", "a.py:10", confidence=Confidence.MEDIUM),
        finding("a", "a.py", confidence=Confidence.MEDIUM),
        finding("a", "b.py:1", confidence=Confidence.MEDIUM),
        finding("b", "b.py:1", confidence=Confidence.MEDIUM),
        finding("a", confidence=Confidence.MEDIUM),
        finding("a", severity=Severity.INFO),
    ]
    every = [*reviews.given("W1", *reversed(order)), *reviews.given("W2", SLEEP)]
    assert [(one.title, one.file, one.line) for one in merge(normal(every), 2)] == [
        (one.title, one.file, one.line) for one in order
    ]


def test_texts_are_brought_into_normal_form_and_clipped() -> None:
    raw = finding("\x1b[1mA\nB" + "x" * 300, "a.py:1", "one  \r\n\ttwo\x00", "y" * 9000)
    (one,) = normal(reviews.given("W1", raw))
    assert one.said.title == text.clip("A B" + "x" * 300, 200)
    assert one.said.evidence == "one\n    two"
    assert one.said.fix == text.clip("y" * 9000, 4000)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (finding(" ", "", "It leaks.\nBadly."), "It leaks. Badly."),
        (finding("", "", "", "Close it."), "Close it."),
    ],
)
def test_a_finding_without_a_title_is_called_by_what_it_says(raw: Finding, title: str) -> None:
    assert [one.title for one in merged(raw)] == [title]
    assert [one.title for one in merged(finding(""))] == [UNTITLED]


TEXTS = [one for kind in PAIRS.values() for pair in kind.values() for one in pair][:6]
findings = st.builds(
    lambda said, file, line, severity, confidence: replace(
        said, file=file, line=line, severity=severity, confidence=confidence
    ),
    st.sampled_from(TEXTS) | st.builds(finding, st.text(max_size=20), st.just(""), st.text(max_size=30)),
    st.sampled_from(("src/a.py", "src/a.py", "a.py", "b/src/a.py", "lib/src/a.py", "b.py", None)),
    st.sampled_from((None, -1, 1, 3, 5, 7, 9, 11)),
    st.sampled_from(Severity),
    st.sampled_from(Confidence),
)
answers = st.lists(st.lists(findings, max_size=4), max_size=5).map(
    lambda each: [
        one for number, said in enumerate(each, 1) for one in normal(reviews.given(f"W{number}", *said))
    ]
)
PROFILE = settings(max_examples=50, deadline=None, database=None)


@PROFILE
@given(answers, st.randoms(use_true_random=False))
def test_the_order_in_which_they_come_does_not_matter(every: list[Given[Finding]], chance: object) -> None:
    mixed = list(every)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert merge(mixed, 5) == merge(every, 5)


@PROFILE
@given(answers)
def test_every_finding_is_in_exactly_one_and_no_worker_twice(every: list[Given[Finding]]) -> None:
    found = merge(every, 5)
    kept = [source for one in found for source in one.sources]
    assert sorted(kept, key=repr) == sorted(every, key=repr)
    for one in found:
        assert len({source.worker for source in one.sources}) == len(one.sources) == one.agreement


@PROFILE
@given(answers)
def test_merging_what_was_merged_changes_nothing(every: list[Given[Finding]]) -> None:
    found = merge(every, 5)
    assert merge([source for one in found for source in one.sources], 5) == found


@PROFILE
@given(answers)
def test_any_two_that_were_merged_are_near_each_other(every: list[Given[Finding]]) -> None:
    for one in merge(every, 5):
        for a, b in itertools.combinations((source.said for source in one.sources), 2):
            assert (a.file is None) == (b.file is None)
            if a.line and b.line:
                assert abs(a.line - b.line) <= NEAR


def test_no_more_pairs_are_compared_than_take_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "PAIRS", 3)
    found = merged(SLEEP, SLEEP, SLEEP, SLEEP)
    assert [[one.worker for one in each.sources] for each in found] == [["W1", "W2"], ["W3"], ["W4"]]


def test_who_merges_nothing_does_not_load_what_it_takes() -> None:
    code = "import sys, tmuxorch.core.curate; print('rapidfuzz' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
