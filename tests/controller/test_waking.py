"""An idle lead is woken by what it waits for: at once, once, with all of it, and never while somebody types to it."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.controller.conftest import Make
from tests.controller.holding import Gate, sequence
from tests.e2e.project import Json, Project
from tests.person import Person, at_terminal
from tests.waiting import until
from tmuxorch.core.plan import LEAD
from tmuxorch.store.reading import Cursor

QUIET = 4.0
"""Seconds. A person who types is not heard for some, where the machine is busy."""

CONFIG = f"lead: {{quiet: {QUIET:g}}}\nlimits: {{retries: 0, exec_workers: 4}}\n"

TURN = ("turn_queued", "turn_sending", "turn_started")


@pytest.fixture
def led(make_lab: Make) -> Project:
    """A project whose lead is open and idle."""
    project = make_lab(CONFIG)
    project.run("up")
    project.call("lead_open")
    return project


def hires(led: Project, gate: Gate) -> str:
    """The lead starts a worker that ends when the gate is opened; its id."""
    said = led.call("ask", name=LEAD, prompt=f"hire {gate.wait}")
    assert said["message"] == "hired", said
    worker = str(led.events("worker_queued")[-1]["id"])
    until(lambda: worker in [one["id"] for one in led.events("job_started")], what=f"{worker} at work")
    return worker


def wakes(led: Project) -> list[Json]:
    """The turns that were to wake the lead."""
    return [event for event in led.events("turn_queued") if event["purpose"] == "wake"]


def ended(led: Project, worker: str) -> bool:
    """Whether the worker has."""
    return worker in [event["id"] for event in led.events("job_exited")]


def over(led: Project, count: int) -> list[str]:
    """Waits for the end of so many turns that woke the lead; their outcomes."""

    def outcomes() -> list[str]:
        names = [event["id"] for event in wakes(led)]
        return [event["outcome"] for event in led.events("turn_ended") if event["id"] in names]

    until(lambda: len(outcomes()) >= count, 60, f"{count} wakes")
    return outcomes()


def told(led: Project, count: int) -> list[str]:
    """What the lead was woken with, so many times in all, as Codex itself keeps it: it writes that a moment later."""

    def kept() -> list[str]:
        rollouts = (led.directory / "codex-home" / "sessions").rglob("*.jsonl")
        whole = (line for path in rollouts for line in path.read_text().split("\n")[:-1])
        lines = (line for line in whole if "tmuxorch: wake" in line)
        items = (one["payload"] for one in map(json.loads, lines) if one["type"] == "response_item")
        users = (str(item["content"]) for item in items if item.get("role") == "user")
        return [said for said in users if "# tmuxorch: wake" in said]

    until(lambda: len(kept()) >= count, what=f"the words of {count} wakes")
    found = kept()
    assert len(found) == count
    return found


@contextmanager
def looking(led: Project, window: str) -> Iterator[Person]:
    """Somebody at a terminal who looks at that window."""
    led.tmux("select-window", "-t", f"=tmuxorch-{led.directory.name}:{window}")
    argv = ["tmux", "-u", "-L", led.socket, "attach-session", "-t", f"=tmuxorch-{led.directory.name}"]
    with at_terminal(argv, columns=120, rows=40, env=led.environ) as person:
        yield person


@contextmanager
def typing(person: Person) -> Iterator[None]:
    """They type all the time."""
    stops = threading.Event()

    def types() -> None:
        while not stops.wait(0.1):
            person.types("a")

    typist = threading.Thread(target=types)
    typist.start()
    try:
        yield
    finally:
        stops.set()
        typist.join()


def recorded(led: Project, kind: str, name: str) -> float:
    """When that was recorded last."""
    return max(
        record.at
        for record in Cursor(led.paths.journal).read()
        if f'"type":"{kind}"' in bytes(record.e).decode() and f'"id":"{name}"' in bytes(record.e).decode()
    )


def test_the_end_of_a_worker_wakes_it_once_whoever_is_killed(led: Project, tmp_path: Path) -> None:
    _at_once_and_of_what_ends_meanwhile_together(led, tmp_path)
    _one_that_is_sent_when_the_controller_is_killed_arrives_once_and_one_that_is_lost_is_told_anew(
        led, tmp_path
    )


def _at_once_and_of_what_ends_meanwhile_together(led: Project, tmp_path: Path) -> None:
    first, second, third = (Gate(tmp_path) for _ in range(3))
    one, two = hires(led, first), hires(led, second)
    first.open()
    assert over(led, 1) == ["completed"]
    kinds = sequence(led, "job_exited", *TURN)
    woken = str(wakes(led)[0]["id"])
    at = kinds.index(("job_exited", one))
    assert kinds[at:] == [("job_exited", one), *((kind, woken) for kind in TURN)]
    (said,) = told(led, 1)
    assert f"{one} worker succeeded (get_result {one})" in said
    assert "its words: told: " in said

    # What ends while it is at work is told together, when it is not any more.
    three = hires(led, third)
    server = led.server_pid(LEAD)
    os.kill(server, signal.SIGSTOP)
    try:
        second.open()
        until(lambda: len(wakes(led)) == 2, what="the second wake")
        third.open()
        until(lambda: ended(led, three), what="the third end")
    finally:
        os.kill(server, signal.SIGCONT)
    assert over(led, 3) == ["completed"] * 3
    said, last = told(led, 3)[1:]
    assert two in said
    assert three not in said
    assert three in last
    assert two not in last
    assert len(wakes(led)) == 3


def _one_that_is_sent_when_the_controller_is_killed_arrives_once_and_one_that_is_lost_is_told_anew(
    led: Project, tmp_path: Path
) -> None:
    before = len(wakes(led))
    gates = [Gate(tmp_path) for _ in range(2)]
    one, two = (hires(led, gate) for gate in gates)
    for count, gate, then in (
        (before + 1, gates[0], signal.SIGCONT),
        (before + 2, gates[1], signal.SIGKILL),
    ):
        server = led.server_pid(LEAD)
        os.kill(server, signal.SIGSTOP)
        try:
            gate.open()
            until(lambda count=count: len(wakes(led)) == count, timeout=60, what="the wake")  # type: ignore[misc]
            woken = wakes(led)[-1]["id"]
            until(lambda id=woken: ("turn_sending", id) in sequence(led, "turn_sending"), what="its sending")  # type: ignore[misc]
            for _ in range(20):  # the turn is on its way before the controller has answered all of them
                led.call("status")
            led.kill_controller()
        finally:
            os.kill(server, then)
        led.run("up")
        assert over(led, count) == ["completed"] * count
    assert len(wakes(led)) == before + 2, "no other turn was made for it"
    first, second = told(led, before + 2)[before:]
    assert one in first
    assert two not in first
    assert two in second
    assert one not in second


def test_who_types_in_its_window_is_never_interrupted_and_who_types_elsewhere_does_not_matter(
    led: Project, tmp_path: Path
) -> None:
    gates = [Gate(tmp_path) for _ in range(2)]
    one, two = (hires(led, gate) for gate in gates)
    with looking(led, LEAD) as person:
        person.sees("? for shortcuts", timeout=60)
        with typing(person):
            person.sees("aaa")
            gates[0].open()
            until(lambda: ended(led, one), what="the end of the first worker")
            # A controller that is killed now has told nobody; the next one knows of the news, and sees who types.
            led.kill_controller()
            led.run("up")
            assert not wakes(led)
        (last,) = led.tmux("list-clients", "-F", "#{?client_control_mode,,#{client_activity}}").split()
        assert over(led, 1) == ["completed"]
        person.sees("aaa", "I have heard")
        assert recorded(led, "turn_sending", wakes(led)[0]["id"]) >= float(last) + QUIET

        led.tmux("select-window", "-t", f"=tmuxorch-{led.directory.name}:app-app")
        with typing(person):
            gates[1].open()
            until(
                lambda: ended(led, two) and len(wakes(led)) == 2, what="a wake while somebody types elsewhere"
            )
    assert over(led, 2) == ["completed"] * 2
    first, second = told(led, 2)
    assert one in first
    assert two not in first
    assert two in second
    assert one not in second
