"""Notes and options of several workers: what is said twice is there once, opposites stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmuxorch.core.agreement import Given
from tmuxorch.core.merge_notes import (
    MergedNote,
    MergedOption,
    merge_notes,
    merge_options,
    normal_notes,
    normal_options,
)
from tmuxorch.core.results import Confidence, Note, Option

CLAIMS = (
    "Redis keeps the whole queue in memory",
    "Redis is keeping the whole queue in the memory",
    "Redis does not keep the whole queue in memory",
    "Long polling works through every proxy",
    "Every proxy lets long polling through",
    "Python 3.11 is supported",
    "Python 3.12 is supported",
)


def note(claim: str, source: str = "", confidence: Confidence = Confidence.HIGH) -> Note:
    return Note(claim=claim, source=source, confidence=confidence)


def option(name: str, summary: str = "", effort: str = "", **points: tuple[str, ...]) -> Option:
    return Option(name=name, summary=summary, effort=effort, **{"pros": (), "cons": ()} | points)


def notes(*said: Note) -> tuple[MergedNote, ...]:
    """Each of a worker of its own: W1, W2…"""
    each = enumerate(said, 1)
    return merge_notes(normal_notes(Given(worker=f"W{n}", about="", number=1, said=one) for n, one in each))


def options(*said: Option) -> tuple[MergedOption, ...]:
    """Each of a worker of its own: W1, W2…"""
    each = enumerate(said, 1)
    return merge_options(
        normal_options(Given(worker=f"W{n}", about="", number=1, said=one) for n, one in each)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CLAIMS[0], CLAIMS[1]),
        (CLAIMS[3], CLAIMS[4]),
        (
            "`codex exec resume` takes no -s option; the sandbox has to be given with -c sandbox_mode",
            "codex exec resume has no -s; pass -c sandbox_mode=… to set the sandbox",
        ),
        ("Postgres 15 supports MERGE", "MERGE is supported since PostgreSQL 15"),
        ("`x`", "`x`"),
    ],
)
def test_a_claim_in_other_words_is_the_same(one: str, other: str) -> None:
    assert len(notes(note(one), note(other))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CLAIMS[0], CLAIMS[2]),
        (CLAIMS[5], CLAIMS[6]),
        (
            "The server repeats open requests after a resume",
            "The server doesn't repeat open requests after a resume",
        ),
        ("Codex supports resume", "Codex supports resume only for threads that have had a turn"),
        ("The mobile app polls the backend", "The firmware polls the backend"),
        ("Redis keeps the queue in memory", "Redis keeps the queue on disk with AOF"),
        ("Sockets need sticky sessions behind the proxy", "Events need no sticky sessions behind the proxy"),
    ],
)
def test_other_claims_stay_apart(one: str, other: str) -> None:
    assert len(notes(note(one), note(other))) == 2


def test_the_surest_note_speaks_for_all() -> None:
    (one,) = notes(
        note(CLAIMS[0], "", Confidence.HIGH),
        note(CLAIMS[1], "https://redis.io/docs", Confidence.MEDIUM),
    )
    assert (one.claim, one.source, one.confidence, one.agreement) == (
        CLAIMS[0],
        "https://redis.io/docs",
        Confidence.HIGH,
        2,
    )
    assert one.why == f"said by 2 · confidence high · merged with W2's “{CLAIMS[1]}”"


def test_notes_on_which_most_agree_are_first_then_the_surest() -> None:
    found = notes(
        note("The moon is far", "", Confidence.LOW),
        note(CLAIMS[0], "", Confidence.LOW),
        note("The sun is hot", "", Confidence.HIGH),
        note(CLAIMS[1], "", Confidence.LOW),
        note(" "),
    )
    assert [one.claim for one in found] == [CLAIMS[0], "The sun is hot", "The moon is far"]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        (
            option("Long polling", "The app asks and waits."),
            option("long-polling", "The app asks, and waits."),
            1,
        ),
        (option("Polling", "The app asks."), option("Long polling", "The app asks and waits."), 2),
        (
            option("Option A", "Keep the queue, add a timeout."),
            option("Option A", "Keep the queue, drop the retries."),
            2,
        ),
        (option("Timeouts", "Keep the queue, add one."), option("Timeouts", "Keep the queue, drop them."), 1),
        (
            option("Cache", "Keep answers in the browser."),
            option("Cache", "Put Redis before the database."),
            2,
        ),
        (option("Do nothing"), option("Do nothing."), 1),
        (
            option("Answer at once", "Answer 202 with an id; the app asks for the state."),
            option("An answer at once", "Answer 202 with an id, and the app asks for the state."),
            1,
        ),
    ],
)
def test_options_that_are_one(one: Option, other: Option, count: int) -> None:
    assert len(options(one, other)) == count


def test_a_merged_option_has_the_points_of_all() -> None:
    (one,) = options(
        option("Do nothing", pros=("Cheap", "Quick"), cons=("Nothing gets better",)),
        option("do nothing", "Leave it.", "none", pros=("cheap", "Safe")),
    )
    assert (one.name, one.summary, one.effort, one.agreement) == ("Do nothing", "Leave it.", "none", 2)
    assert (one.pros, one.cons) == (("Cheap", "Quick", "Safe"), ("Nothing gets better",))
    assert one.why == "said by 2 · merged with W2's “do nothing”"


given_notes = st.lists(
    st.builds(
        Given,
        worker=st.sampled_from(("W1", "W2", "W3", "W10")),
        about=st.just(""),
        number=st.integers(1, 9),
        said=st.builds(note, st.sampled_from(CLAIMS), st.just(""), st.sampled_from(Confidence)),
    ),
    max_size=8,
)


def test_nobody_agrees_with_themselves() -> None:
    twice = [Given(worker="W1", about="", number=number, said=note(CLAIMS[0])) for number in (1, 2)]
    assert len(merge_notes(twice)) == 2
    both = [Given(worker="W1", about="", number=number, said=option("Do nothing")) for number in (1, 2)]
    assert len(merge_options(both)) == 2


@settings(max_examples=100, deadline=None, database=None)
@given(given_notes, st.randoms(use_true_random=False))
def test_every_note_is_in_one_and_order_does_not_matter(every: list[Given[Note]], chance: object) -> None:
    found = merge_notes(every)
    kept = [source for one in found for source in one.sources]
    assert sorted(kept, key=repr) == sorted(every, key=repr)
    assert all(len({source.worker for source in one.sources}) == len(one.sources) for one in found)
    mixed = list(every)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert merge_notes(mixed) == found
