"""The demo, from nothing to the report, without a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.command import environment, tmuxorch
from tests.cli.conftest import Run
from tests.tmuxfixture import sockets
from tests.waiting import until
from tmuxorch.store.paths import ProjectPaths


def test_the_demo_plays_to_its_end_and_leaves_nothing_running(tmp_path: Path, home: Path, run: Run) -> None:
    place = tmp_path / "demo"
    done = tmuxorch("demo", "--auto", "--dir", place, "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.json["run"]["outcome"] == "succeeded"
    assert "SCRIPTED" in done.err
    for kind in ("plan", "approval", "question", "human"):
        assert f" · {kind} · " in done.err
    assert done.err.count("demo --auto answers C") == 4
    for name in ("backend", "firmware", "mobile"):
        command = ["python3", "-m", "unittest", "-q"]
        assert subprocess.run(command, cwd=place / "repos" / name, capture_output=True).returncode == 0
    assert "## Working Plan" in (place / "plan.md").read_text()
    assert "## Run Log" in (place / "runs.md").read_text()
    status = run("-C", place, "status", "--json").json
    assert [worker["outcome"] for worker in status["workers"]] == ["succeeded", "succeeded"]
    assert "written in advance" in run("-C", place, "result", "W1").out
    assert run("-C", place, "report").out.startswith("# Report R1")
    journal = [json.loads(line) for line in run("-C", place, "journal").out.splitlines()]
    assert [line["seq"] for line in journal] == list(range(1, len(journal) + 1))
    assert list((home / "codex").iterdir()) == []
    until(no_tmux, what="the end of tmux")


def no_tmux() -> bool:
    """Whether no server of this test is there; one ends a moment after its last session."""
    return not any(map(_answers, sockets()))


def _answers(socket: Path) -> bool:
    command = ["tmux", "-S", str(socket), "list-sessions"]
    return subprocess.run(command, capture_output=True).returncode == 0


def test_the_demo_plays_patterns_one_after_the_other(tmp_path: Path, run: Run) -> None:
    place = tmp_path / "demo"
    done = tmuxorch("demo", "--story", "review", "--auto", "--dir", place, "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.json["run"] is None
    assert [(run["pattern"], run["outcome"]) for run in done.json["patterns"]] == [
        ("review", "succeeded"),
        ("scout", "succeeded"),
    ]
    order = (
        "SCRIPTED",
        "P1 review · step synthesis completed",
        "P1 review succeeded",
        "## 6 findings",
        "P2 scout · step verify completed",
        "## Verdict: pass",
        "P1 succeeded, P2 succeeded.",
        "to merge what W6 did, type:",
        "result.sarif",
    )
    places = [done.err.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    assert run("-C", place, "result", "P2").out in done.err
    until(no_tmux, what="the end of tmux")


def test_codex_itself_leads_in_the_demo(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    done = tmuxorch("demo", "--story", "lead", "--auto", "--dir", place, "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.json["run"]["outcome"] == "succeeded"
    for kind in ("plan", "approval", "question", "human"):
        assert f" · {kind} · " in done.err
    assert "SN-7" in done.err
    assert "I was woken for each thing that I waited for" in done.err
    until(no_tmux, what="the end of tmux")


def at_work(paths: ProjectPaths) -> bool:
    return (paths.worker("W1") / "start.json").exists()


def test_a_demo_that_is_told_to_end_clears_its_stage(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    command = [sys.executable, "-m", "tmuxorch", "demo", "--story", "review", "--auto", "--dir", str(place)]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE) as process:
        until(lambda: place.exists() and at_work(ProjectPaths(place)), timeout=60, what="a worker")
        process.terminate()
        _, told = process.communicate()
    assert process.returncode == 130
    assert b"stopped" in told
    until(no_tmux, what="the end of tmux")
