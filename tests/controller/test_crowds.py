"""Many workers: a hundred through a limit, whatever is killed on the way; three hundred asked for in one breath."""

from __future__ import annotations

from collections import Counter

from tests.controller.conftest import Make
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.cli.client import Client, connect

LIMIT, KEPT = 8, 5

CONFIG = f"""\
limits: {{exec_workers: {LIMIT}}}
windows: {{keep_finished: {KEPT}}}
"""

FIXED = {"overview", "checkpoints", "controller"}


def ask_for(lab: Project, number: int, task: str) -> list[str]:
    """The ids of so many new workers, all asked for at once."""
    with connect(lab.paths) as client:
        params = {"task": task, "cd": str(lab.repos["app"]), "label": "one"}
        sent = [client.send("exec", params) for _ in range(number)]
        return [found["id"] for found in answers(client, sent)]


def answers(client: Client, sent: list[int]) -> list[Json]:
    """What the controller says to all these requests."""
    while not all(map(client.answered, sent)):
        client.pump()
    return [client.taken(one) for one in sent]


def ended(lab: Project) -> list[Json]:
    """The ends of workers so far."""
    return lab.events("job_exited")


def test_a_hundred_workers_go_through_a_limit_of_eight_and_two_dead_controllers(make_lab: Make) -> None:
    lab = make_lab(CONFIG)
    lab.run("up")
    workers = ask_for(lab, 60, "greet")
    until(lambda: len(ended(lab)) >= 10, 60, "the first ten")
    lab.kill_controller()
    lab.run("up")
    workers += ask_for(lab, 40, "greet")
    until(lambda: len(ended(lab)) >= 50, 60, "the first fifty")
    lab.kill_controller()
    lab.run("up")
    found = lab.call("wait", ids=workers, timeout=120)
    assert Counter((one["outcome"], one["attempts"]) for one in found) == {("succeeded", 1): 100}
    for kind in ("worker_queued", "job_starting", "job_started", "job_exited"):
        assert [event["id"] for event in sorted(lab.events(kind), key=number)] == workers, "once each"
    assert [event["id"] for event in lab.events("job_starting")] == workers, "in the order in which they came"
    assert most_at_once(lab) == LIMIT
    until(lambda: len(windows(lab)) == KEPT, what="the newest windows alone")


def number(event: Json) -> int:
    """The number of the worker that an event is about."""
    return int(event["id"][1:])


def most_at_once(lab: Project) -> int:
    """How many workers were at work at the same time."""
    live, most = 0, 0
    for event in lab.events():
        live += (event["type"] == "job_starting") - (event["type"] == "job_exited")
        most = max(most, live)
    return most


def windows(lab: Project) -> list[str]:
    """The windows that are not always there."""
    return [
        name
        for name in lab.windows()
        if name not in FIXED and not name.startswith("app-") and name != "orchestrator"
    ]


def test_three_hundred_are_taken_at_once_and_can_all_be_taken_back(make_lab: Make) -> None:
    lab = make_lab("limits: {exec_workers: 1}\n")
    lab.run("up")
    workers = ask_for(lab, 300, "sh: sleep 54321")
    counts = lab.call("status")["counts"]
    assert (counts["running"], counts["queued"]) == (1, 299)
    with connect(lab.paths) as client:
        sent = [client.send("stop", {"id": worker}) for worker in reversed(workers)]
        assert {found["outcome"] for found in answers(client, sent)} == {"cancelled"}
    assert [event["id"] for event in lab.events("job_starting")] == workers[:1]
