"""How alike two texts are: what counts, and that not working it out to the end changes nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core import reviews
from tmuxorch.core.alike import COMPARED, Text, alike, text

EVERY = [
    text(one.title + ". " + one.evidence, one.fix)
    for kind in reviews.pairs().values()
    for pair in kind.values()
    for one in pair
]
anything = st.builds(text, st.text(max_size=60), st.text(max_size=30)) | st.sampled_from(EVERY)


def test_what_is_less_than_enough_is_nothing_and_all_else_is_as_it_was() -> None:
    for one, other in itertools.product(EVERY[::3], EVERY[::2]):
        whole = alike(one, other)
        for enough in (20.0, 65.0, 85.0):
            assert alike(one, other, enough) == (pytest.approx(whole) if whole >= enough else 0.0)


@settings(max_examples=200, deadline=None, database=None)
@given(anything, anything)
def test_it_is_the_same_from_both_sides(one: Text, other: Text) -> None:
    assert 0.0 <= alike(one, other) <= 100.0
    assert alike(one, other) == pytest.approx(alike(other, one))
    assert alike(one, one) == 100.0


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("The file is never closed.", "The files were not closed.", 80, 100),
        ("`get_or_create` is not locked", "GetOrCreate() takes no lock", 60, 100),
        ("`os` is imported and not used", "`sys` is imported and not used", 0, 0),
        ("`os` is imported and not used", "os is imported for nothing, as sys.path is", 20, 100),
        ("La clé n'est jamais fermée", "La clé n’est pas fermée", 40, 100),
        ("漢字 が 壊れる", "漢字 が 壊れる。", 90, 100),
        ("", "", 100, 100),
        ("", "The file is never closed.", 0, 0),
    ],
)
def test_words_and_names(one: str, other: str, least: float, most: float) -> None:
    assert least <= alike(text(one), text(other)) <= most


def test_the_remedy_counts_and_what_both_quote_anyway_does_not() -> None:
    said = "`open(path, 'w')` is wrong here"
    closes = text(said, "Use a with statement, so that it is closed.")
    encodes = text(said, "Name the encoding, so that umlauts survive.")
    again = text(f"Look at line 3: {said}", "Use with, so that it is closed in the end.")
    assert alike(closes, again) > 65
    assert alike(closes, encodes) < 60


def test_long_texts_are_compared_by_their_beginning() -> None:
    assert text("a" * COMPARED + " b") == text("a" * COMPARED + " c")
