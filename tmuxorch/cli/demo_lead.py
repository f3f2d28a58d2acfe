"""The part of the demo in which Codex itself leads: it is given the problem in its window, as a person would."""

from __future__ import annotations

import time

from tmuxorch.cli import output
from tmuxorch.cli.client import Client
from tmuxorch.cli.output import Json
from tmuxorch.demo.stories import Story
from tmuxorch.errors import TimedOut

PATIENCE = 60.0
"""Seconds for the lead to begin a run, and to give its words when the run has ended."""

STEP = 0.2


def begin(client: Client, story: Story) -> Json:
    """Gives the lead the story's problem; the run that it has begun. Raises TimedOut when it begins none."""
    with output.waiting("the lead reads the problem"):
        client.call("lead_open", {"problem": story.kickoff.removeprefix("The problem is:").strip()})
        client.call("news", {"since": 0, "about": ["R1"], "timeout": PATIENCE})
    runs: list[Json] = client.call("runs")
    if not runs:
        raise TimedOut("the lead has begun no run", hint="tmuxorch attach orchestrator")
    return runs[-1]


def has_reported(client: Client) -> None:
    """Waits until the lead has given its words on the run, or has no more time for it."""
    end = time.monotonic() + PATIENCE
    while not client.call("standing")["run"]["reported"] and time.monotonic() < end:
        time.sleep(STEP)
