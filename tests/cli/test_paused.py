"""A refused account in the status and in the overview."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.cli.cards import status
from tmuxorch.cli import follow, render, standing
from tmuxorch.cli.screens.glyphs import Glyphs
from tmuxorch.cli.screens.overview_head import head

UNTIL = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
NOW = UNTIL.timestamp() - 3600
PAUSED = {"title": "usage limit", "by": "backend\x1b[31m", "until": "2026-11-20T21:00:00.000Z"}


def test_it_says_when_work_goes_on_and_how_sooner() -> None:
    local = UNTIL.astimezone()
    assert render.pause_line(PAUSED | {"by": "backend"}, NOW) == (
        f"paused: usage limit · backend was refused · until {local:%H:%M:%S} (in 1 h 00 min)"
        " · sooner: tmuxorch up --resume-now"
    )
    later = render.pause_line(PAUSED, NOW - 48 * 3600)
    assert f"until {local:%Y-%m-%d %H:%M:%S} (in 2 d 1 h)" in later
    assert "(in 0 s)" in render.pause_line(PAUSED, NOW + 7200)


def test_the_status_and_the_overview_have_it_near_the_top() -> None:
    of = status(paused=PAUSED)
    assert standing.status(of).splitlines()[1].startswith("paused: usage limit · ")
    lines = ["".join(words for words, _ in line) for line in head(of, "", 100, NOW, Glyphs(True))]
    assert lines[2].startswith("paused: usage limit · backend")
    assert "\x1b" not in lines[2]
    assert "(in 1 h 00 min)" in lines[2]


def test_who_follows_a_run_is_told_of_a_pause_and_of_its_end() -> None:
    working, resting = status(), status(paused=PAUSED)
    (line,) = follow.news(working, resting)
    assert line == render.pause_line(PAUSED)
    assert follow.news(resting, resting) == []
    assert follow.news(resting, working) == ["work goes on"]
    assert follow.news({}, resting)[1] == line
