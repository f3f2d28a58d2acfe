"""Many readers, one writer, on the real Codex: who waits for whom, and that a wait ends however the other one ends."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from tests.controller.conftest import Begin
from tests.controller.gitrepos import make
from tests.controller.holding import Gate, editing, ended, events, line, now, sequence, start
from tests.controller.test_checkpoints import answered, asked
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.errors import Refused, UsageError

CONFIG = "limits: {exec_workers: 6, retries: 0}\n"


@pytest.fixture(scope="module")
def place(lab: Project) -> Path:
    """A repo with `src/deep`, and `link`, which leads to `src`."""
    repo = make(lab.directory / "place", {"src/deep/a.txt": "a\n", "docs/b.txt": "b\n"})
    (repo / "link").symlink_to("src")
    (lab.directory / "way").symlink_to(repo)
    return repo


def drop(lab: Project, *workers: Json) -> None:
    """Stops workers."""
    for worker in workers:
        assert lab.call("stop", id=worker["id"])["outcome"] == "cancelled"


def ends(lab: Project, worker: Json, outcome: str) -> None:
    assert ended(lab, worker)["outcome"] == outcome


OVERLAPS = {
    "the same": (".", "src"),
    "below": (".", "src/deep"),
    "above, and something else": (".", ".", "docs"),
    "through a link": (".", "link/deep"),
    "what is not there yet": (".", "src/new/er.txt"),
    "all of where it works": ("src/deep",),
    "where a link leads": ("link",),
    "by a link above": ("../way", "src"),
}


def test_who_wants_the_same_paths_waits_and_says_for_whom(lab: Project, place: Path, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    holder = editing(lab, place, f"sh: {gate.wait}", "src")
    assert (holder["paths"], holder["waits_for"]) == ([str(place / "src")], [])
    for overlap, (where, *paths) in OVERLAPS.items():
        second = editing(lab, place / where, "greet", *paths)
        assert (second["state"], second["waits_for"]) == ("queued", [holder["id"]]), overlap
        if overlap == "what is not there yet":
            assert second["paths"] == [str(place / "src/new/er.txt")]
            assert re.search(
                rf" queued .* writes src/new/er.txt · waits for {holder['id']}$", line(lab, second)
            )
            third = editing(lab, place, "greet", "src/new", "docs")
            assert third["waits_for"] == [holder["id"], second["id"]]
            fourth = editing(lab, place, "greet", "docs/b.txt")
            assert fourth["waits_for"] == [third["id"]], "who asked first comes first"
            drop(lab, third, fourth)
        drop(lab, second)
    assert line(lab, holder).endswith("writes src")
    others = [
        editing(lab, place, "greet", "docs", "srcs"),
        start(lab, place / "src", "greet"),
        editing(lab, lab.repos["other"], "greet"),
    ]
    for other in others:
        assert ended(lab, other)["outcome"] == "succeeded", "others and readers are not held up"
    until(lambda: now(lab, holder)["state"] == "running", what="the holder at work")
    drop(lab, holder)


def stop(lab: Project, worker: Json, gate: Gate) -> None:
    drop(lab, worker)


def kill_host(lab: Project, worker: Json, gate: Gate) -> None:
    record = lab.paths.worker(worker["id"]) / "start.json"
    until(record.exists, what="the host")
    os.kill(json.loads(record.read_text())["host_pid"], signal.SIGKILL)
    ends(lab, worker, "lost")


def finish(lab: Project, worker: Json, gate: Gate) -> None:
    gate.open()
    ends(lab, worker, "succeeded")


def fail(lab: Project, worker: Json, gate: Gate) -> None:
    gate.open()
    ends(lab, worker, "failed")


def finish_unseen(lab: Project, worker: Json, gate: Gate) -> None:
    lab.kill_controller()
    gate.open()
    until((lab.paths.worker(worker["id"]) / "exit.json").exists, what="the end of the holder")
    lab.run("up")
    ends(lab, worker, "succeeded")


def kill_controller(lab: Project, worker: Json, gate: Gate) -> None:
    lab.kill_controller()
    lab.run("up")
    assert now(lab, worker)["state"] == "running"
    finish(lab, worker, gate)


ENDS = (finish, fail, stop, kill_host, finish_unseen, kill_controller)


def test_a_lease_ends_with_its_worker_however_that_ends(lab: Project, place: Path, tmp_path: Path) -> None:
    """Each of these waits for those before, and ends in another way."""
    gates = [Gate(tmp_path) for _ in ENDS]
    holders = [
        editing(lab, place, f"{'fail after' if end is fail else 'sh:'} {gate.wait}", "src")
        for end, gate in zip(ENDS, gates, strict=True)
    ]
    last = editing(lab, place, "greet", "src/deep")
    assert last["waits_for"] == [holder["id"] for holder in holders]
    for end, holder, gate in zip(ENDS, holders, gates, strict=True):
        until(lambda holder=holder: now(lab, holder)["state"] == "running", what="the next of them")  # type: ignore[misc]
        end(lab, holder, gate)
    ends(lab, last, "succeeded")
    ids = [worker["id"] for worker in (*holders, last)]
    mine = [one for one in sequence(lab, "job_starting", "job_exited") if one[1] in ids]
    assert mine == [(kind, name) for name in ids for kind in ("job_starting", "job_exited")]


def test_full_has_everything_and_wants_to_be_meant(lab: Project, place: Path, tmp_path: Path) -> None:
    said = lab.run("exec", "--scope", "full", "greet", "--json", status=3)
    error = json.loads(said)["error"]
    assert "--scope full --yes-really-full" in error["hint"]
    assert "workers.allow_full" in error["message"]
    gate = Gate(tmp_path)
    holder = editing(lab, place, f"sh: {gate.wait}", "src")
    full = lab.ask("exec", "--scope", "full", "--yes-really-full", "--cd", str(place / "docs"), "greet")
    assert (full["state"], full["paths"], full["waits_for"]) == ("queued", ["/"], [holder["id"]])
    assert "writes everywhere" in line(lab, full)
    last = f"W{int(full['id'][1:]) + 1}"
    after = lab.start("exec", "--wait", "--scope", "edit", "--cd", str(lab.repos["other"]), "greet")
    until(lambda: now(lab, {"id": last}), what="the last of them")
    assert now(lab, {"id": last})["waits_for"] == [full["id"]], "none is passed for ever"
    gate.open()
    out, err = after.communicate(timeout=60)
    assert (out, err) == ("hello\n", f"{last} is queued: it waits for {full['id']}\n")
    for worker in (holder, full):
        ends(lab, worker, "succeeded")
    starts = [name for kind, name in sequence(lab, "job_starting", "job_exited") if kind == "job_starting"]
    assert starts[-3:] == [holder["id"], full["id"], last]


def test_a_path_that_leads_out_is_refused(lab: Project, place: Path) -> None:
    (place / "out").symlink_to(lab.repos["other"])
    for path, says in (
        ("../other", "--path: ../other is not below"),
        ("/etc", "--path: /etc is not below"),
        ("out/x", "--path: out/x is not below"),
        ("src/../.git/config", "is git's own"),
    ):
        with pytest.raises(UsageError, match=re.escape(says)):
            editing(lab, place, "greet", path)


def test_an_item_waits_for_a_worker_that_writes_in_its_repo_and_a_worker_for_an_item(
    lab: Project, begin: Begin, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    holder = editing(lab, lab.repos["app"], f"sh: {gate.wait}", "src")
    run = begin("place-waits")
    lab.phase(run, "execute")
    until(lambda: [turn for turn in lab.events("turn_queued") if turn["run"] == run and turn["item"]])
    assert not wrote(lab, run)
    gate.open()
    ends(lab, holder, "succeeded")

    card = asked(lab, "approval")
    order = sequence(lab, "job_exited", "turn_started")
    assert order.index(("job_exited", holder["id"])) < order.index(("turn_started", wrote(lab, run)[0]))
    worker = editing(lab, lab.repos["app"], "greet", "src")
    assert (worker["state"], worker["waits_for"]) == ("queued", [f"item 1 of {run}"])
    assert line(lab, worker).endswith(f"writes src · waits for item 1 of {run}")
    ends(lab, editing(lab, lab.repos["other"], "greet"), "succeeded")
    answered(lab, card, "accept")
    until(lambda: lab.has_ended(run), what="the end of the run")
    ends(lab, worker, "succeeded")


def wrote(lab: Project, run: str) -> list[str]:
    """The turns on the run's item that have begun."""
    items = {turn["id"] for turn in lab.events("turn_queued") if turn["run"] == run and turn["item"]}
    return [turn["id"] for turn in lab.events("turn_started") if turn["id"] in items]


def test_a_place_that_is_gone_when_its_turn_comes_is_a_clear_failure(
    lab: Project, place: Path, tmp_path: Path
) -> None:
    gone = make(tmp_path / "gone")
    gate = Gate(tmp_path)
    holder = editing(lab, gone, f"sh: touch here; {gate.wait}")
    second = editing(lab, gone / "src", "greet")
    third = editing(lab, gone, "greet", "a.txt")
    until((gone / "here").exists, what="the holder at work")
    gone.rename(tmp_path / "elsewhere")  # in one step, whoever works in it
    gate.open()
    ended(lab, holder)
    found = ended(lab, second)
    assert (found["outcome"], found["started"]) == ("spawn_failed", None)
    assert found["reason"] == f"its directory is gone: {gone / 'src'}"
    ends(lab, third, "spawn_failed")
    assert not events(lab, second, "job_started")
    with pytest.raises(UsageError, match="there is no directory"):
        lab.call("rerun", id=second["id"])
    with pytest.raises(Refused, match=f"{gone} is gone, where {holder['id']} worked"):
        lab.call("resume", id=holder["id"], text="go on")
