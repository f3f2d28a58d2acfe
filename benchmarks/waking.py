"""How soon a lead is woken, against what Codex itself takes to begin a turn of an idle thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import json

from benchmarks.home import until
from benchmarks.measure import Row, row
from tests.e2e.project import Project
from tmuxorch.core.plan import LEAD
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer
from tmuxorch.store.reading import Cursor

SCRIPT = """\
rules:
  - match: '^# tmuxorch: wake'
    steps: [[{do: message, text: heard}]]
  - match: '\\bhire\\s*$'
    steps:
      - - {do: mcp, server: tmuxorch, tool: run_worker, arguments: {task: greet}}
      - - {do: message, text: hired}
  - match: 'TASK: greet'
    steps: [[{do: message, text: hello}]]
"""

ROUNDS = 10


def rows(directory: Path) -> Iterator[Row]:
    """From the exit record of a worker to the turn that Codex has begun."""
    script = directory / "script.yaml"
    script.write_text(SCRIPT)
    with ModelServer(scenario.load([script]), lambda line: None) as model:
        project = Project(directory / "p", model.base_url, "windows: {views: [controller]}\n", ("app",))
        try:
            project.run("up")
            project.call("lead_open")
            samples = [_sample(project, number) for number in range(1, ROUNDS + 2)]
        finally:
            project.run("down", "--kill-agents", status=None)
    yield row(
        "from the exit record of a worker to the begin of the turn that wakes its lead",
        "turn/start of the idle thread",
        samples,
    )


def _sample(project: Project, number: int) -> tuple[float, float]:
    """Both in seconds; the lead is asked to start one worker, and woken by its end."""
    asked = project.call("ask", name=LEAD, prompt="hire")["turn"]
    worker = f"W{number}"
    until(lambda: len(_wakes(project)) == number and _ended(project, _wakes(project)[-1]))
    times = _times(project)
    exit_record = project.paths.attempt(worker, 1) / "exit.json"
    woken = times["turn_started", _wakes(project)[-1]] - exit_record.stat().st_mtime
    return woken, times["turn_started", asked] - times["turn_sending", asked]


def _wakes(project: Project) -> list[str]:
    return [event["id"] for event in project.events("turn_queued") if event["purpose"] == "wake"]


def _ended(project: Project, turn: str) -> bool:
    return turn in [event["id"] for event in project.events("turn_ended")]


def _times(project: Project) -> dict[tuple[str, str], float]:
    found = {}
    for record in Cursor(project.paths.journal).read():
        event = json.decode(bytes(record.e))
        found[event["type"], event.get("id", "")] = record.at
    return found
