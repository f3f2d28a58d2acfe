"""What a person sees of an agent from which nothing comes."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

import pytest

from tmuxorch.host import render_log
from tmuxorch.host.drawing import Drawing
from tmuxorch.host.feed import Feed
from tmuxorch.host.live import Live
from tmuxorch.host.notice import Notice
from tmuxorch.host.pulse import FIRST, NEVER, Pulse
from tmuxorch.host.render_frames import Frames
from tmuxorch.host.screen import Screen


def texts(pulse: Pulse, *times: float) -> list[str]:
    return [row.text for time in times for row in pulse.rows(time)]


def test_a_command_that_runs_on_is_told_of_ever_more_rarely() -> None:
    drawing = Drawing()
    drawing.turn_begins(100.0)
    drawing.runs("c", "make", 110.0)
    drawing.beats(110.0)
    assert texts(drawing.pulse, 120.0, 140.0, 150.0, 200.0, 260.0, 320.0) == [
        "… still running · 30 s",
        "… still running · 1 min 30 s",
        "… still running · 3 min 30 s",
    ]
    drawing.ran("c", "make", 330.0, (0, "completed", None, ""))
    drawing.beats(330.0)
    assert texts(drawing.pulse, 340.0, 361.0) == ["… the model is at work · 31 s"]
    drawing.turn_ends("done", 370.0, None, (0, 0, 0), "")
    drawing.beats(370.0)
    assert drawing.pulse.due == NEVER


def test_what_was_told_long_before_goes_on_for_nobody_knows_how_long() -> None:
    drawing = Drawing()
    drawing.turn_begins(None)
    drawing.runs("c", "make", None)
    drawing.beats(None)
    assert drawing.pulse.due == NEVER
    drawing.pulse.begin(10.0)
    assert texts(drawing.pulse, 20.0, 40.0) == ["… still running"]
    drawing.turn_ends("done", None, None, (0, 0, 0), "")
    drawing.beats(None)
    drawing.pulse.begin(50.0)
    assert drawing.pulse.due == NEVER


def test_who_waits_for_a_person_says_so_until_it_is_over() -> None:
    frames = Frames()

    def told(now: float, method: str, request: int | None = None, **params: Any) -> None:
        frames.rows(json.dumps({"method": method, "id": request, "params": params}).encode(), now)

    told(0.0, "turn/started")
    told(1.0, "item/commandExecution/requestApproval", 7, itemId="i")
    assert texts(frames.pulse, 32.0) == ["… still waiting · 31 s"]
    told(40.0, "serverRequest/resolved", requestId=7)
    assert texts(frames.pulse, 71.0) == ["… the model is at work · 31 s"]
    frames.pulse.stop()
    told(80.0, "turn/started")
    assert texts(frames.pulse, 900.0) == []


def test_a_window_draws_it_when_it_is_due_and_not_after_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    pulse = Pulse()
    live = Live(Screen(), Feed(render_log.rows, pulse), None, Notice())
    reading, writing = os.pipe()
    pulse.heard(time.monotonic() - FIRST + 0.05, "still running", None)
    live.wait(reading, time.monotonic() + 10)
    drawn = capfd.readouterr().out
    assert re.search(r"still running · [345]\d s", drawn)
    live.finish(None, [])
    assert pulse.due == NEVER
    os.close(reading)
    os.close(writing)
