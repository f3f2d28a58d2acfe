"""What a later step's worker is given of the earlier ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from tests.core import reviews
from tests.core.hostile_answers import sources
from tests.core.reviews import brief, source
from tmuxorch.core.curate import Source, curate, data
from tmuxorch.core.handed_on import FRAME


def test_a_later_step_is_given_the_merged_answers() -> None:
    sources = [*reviews.seeded_sources(), source("W5", brief("later")), source("W6", None, problem="lost")]
    told = json.decode(data(curate(sources)))
    assert list(told) == ["brief", "missing", "findings", "earlier"]
    assert told["brief"]["summary"] == "later"
    assert told["earlier"][0]["brief"]["next_step"] == reviews.SEEDED.brief.next_step
    assert told["missing"] == [{"worker": "W6", "problem": "lost"}]
    assert told["findings"][1] == {
        "title": "Registration answers 504 although the device comes online",
        "severity": "high",
        "file": "backend/backend/api.py",
        "line": 35,
        "evidence": reviews.SEEDED.answers["correctness"].findings[0].evidence,
        "fix": reviews.SEEDED.answers["correctness"].findings[0].fix,
        "confidence": "high",
        "agreement": 2,
        "reviewers": 3,
        "sources": [
            {
                "worker": "W1",
                "about": "correctness",
                "said": "Registration answers 504 although the device comes online",
            },
            {
                "worker": "W3",
                "about": "timeouts",
                "said": "POST /devices/register waits 30 s, less than a cold device needs",
            },
        ],
    }


def test_what_does_not_fit_is_left_out_and_counted() -> None:
    curated = curate([*reviews.seeded_sources(), source("W5", "x" * 2000), source("W6", "short")])
    whole = data(curated)
    assert "left_out_for_length" not in json.decode(whole)
    told = json.decode(data(curated, 4000))
    assert len(told["findings"]) == 3
    assert told["left_out_for_length"] == {"findings": 3, "texts": 2}
    assert told["brief"]["summary"] == reviews.SEEDED.brief.summary


@settings(max_examples=100, deadline=None, database=None)
@given(sources, st.integers(FRAME + 1, FRAME + 800))
def test_data_is_one_line_of_json_and_no_longer_than_asked(every: list[Source], limit: int) -> None:
    curated = curate(every)
    told = data(curated, limit)
    assert len(told) <= limit
    assert len(told.splitlines()) == 1
    left_out = json.decode(told).get("left_out_for_length", {})
    for name in ("findings", "notes", "texts", "missing", "open"):
        kept = json.decode(told).get(name, [])
        assert len(kept) + left_out.get(name, 0) == len(getattr(curated, name))
