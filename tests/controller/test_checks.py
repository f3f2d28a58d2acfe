"""Checks in Codex's own sandbox: whatever one does, it ends, tells how, and leaves nothing; only it is run again."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.controller.conftest import Begin
from tests.controller.test_checkpoints import answered, asked
from tests.e2e.project import Json, Project
from tests.waiting import until

CONFIG = "timeouts: {check: 600}\n"


@pytest.fixture
def script(lab: Project, request: pytest.FixtureRequest) -> Path:
    """The script that proves the item; beside the repo, which stays clean."""
    return lab.directory / f"{request.node.name}.sh"


def timeout(lab: Project, seconds: int) -> None:
    """A check has so long, from now on."""
    text = lab.config.read_text()
    lab.config.write_text(re.sub(r"check: \d+", f"check: {seconds}", text))
    lab.kill_controller()
    lab.run("up")


def checks(lab: Project, run: str) -> list[Json]:
    """How the checks of the run's item ended, in order."""
    queued = [e["id"] for e in lab.events("check_queued") if (e["run"], e["stage"]) == (run, "item")]
    return [event for event in lab.events("job_exited") if event["id"] in queued]


def last_line(end: Json) -> str:
    """The last of what is recorded of a check's output; Codex itself may complain before it."""
    return str(end["tail"]).splitlines()[-1]


def turns(lab: Project, run: str) -> list[str]:
    """What the turns that could write were for."""
    return [e["purpose"] for e in lab.events("turn_queued") if e["run"] == run and e["writes"]]


def running(marker: str) -> list[str]:
    """Command lines of processes that have this word in them."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and place.name != str(os.getpid()):
            try:
                line = (place / "cmdline").read_bytes()
            except OSError:
                continue
            found += [line.decode(errors="replace")] if marker.encode() in line else []
    return found


def test_one_that_never_ends_is_stopped_whole_and_run_again_alone(
    lab: Project, begin: Begin, script: Path
) -> None:
    script.write_text(
        "echo begun\nsetsid sleep 4711.25 &\ntrap '' INT TERM\nwhile :; do sleep 4711.25; done\n"
    )
    timeout(lab, 5)
    run = begin(f"check {script}")
    card = asked(lab, "failure")
    assert card["title"] == "a check of item 1 could not be run to its end"
    assert f"$ sh {script}   (in app)\ntimed out after 5 s (it ran for " in card["body"]
    assert card["body"].endswith("begun")
    assert not running("4711.25")
    script.write_text("echo fine\n")
    timeout(lab, 600)
    answered(lab, card, "recheck")
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    ends = [(end["outcome"], last_line(end)) for end in checks(lab, run)]
    assert ends == [("killed", "begun"), ("succeeded", "fine")]
    assert turns(lab, run) == ["item"]


def test_one_that_was_killed_is_run_again_alone(lab: Project, begin: Begin, script: Path) -> None:
    go = script.with_suffix(".go")
    script.write_text(f"test -e {go} || sleep 4712.25\n")
    before = len(lab.events("job_started"))
    run = begin(f"check {script}")
    (started,) = until(lambda: lab.events("job_started")[before:], what="the check")
    os.kill(started["pid"], signal.SIGKILL)
    card = asked(lab, "failure")
    assert "killed by SIGKILL (it ran for " in card["body"]
    go.touch()
    answered(lab, card, "recheck")
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    assert [end["outcome"] for end in checks(lab, run)] == ["killed", "succeeded"]
    assert turns(lab, run) == ["item"]
    assert not running("4712.25")


def test_one_that_leaves_a_daemon_ends_with_its_script(lab: Project, begin: Begin, script: Path) -> None:
    daemon = "import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: time.sleep(4713.25)\n"
    script.write_text(f'python3 -c "{daemon}"\necho done\n')
    run = begin(f"check {script}")
    assert lab.call("wait_run", id=run, timeout=60)["outcome"] == "succeeded"
    (end,) = checks(lab, run)
    assert (end["outcome"], last_line(end)) == ("succeeded", "done")
    assert not running("4713.25")


def test_the_turn_that_mends_gets_what_was_really_printed(lab: Project, begin: Begin, script: Path) -> None:
    """Safe to read: 50 MB of it are 6 kB, and nothing in it controls anything."""
    loud = "head -c 50000000 /dev/zero | tr '\\0' 'y' | fold -w 99"
    script.write_text(f"{loud}\nprintf '\\033[2J\\033]0;owned\\007boom \\000\\377 at line 7'\nexit 3\n")
    run = begin(f"check {script}")
    card = asked(lab, "failure")
    assert card["title"] == "item 1 fails its check after a fix"
    first, *_ = checks(lab, run)
    assert (first["outcome"], first["code"]) == ("failed", 3)
    assert first["seconds"] > 0
    assert first["tail"].endswith("boom \ufffd at line 7")
    assert len(first["tail"].encode()) < 6_300
    log = lab.paths.check(first["id"]) / "output.log"
    assert log.stat().st_size > 50_000_000
    (said,) = [
        e["message"] for e in lab.events("turn_ended") if e.get("message", "").startswith("read: $ sh")
    ]
    assert f"exit status 3 after {first['seconds']:.1f} s" in said
    assert f"the whole is in {log})" in said
    assert "boom \ufffd at line 7" in said
    assert turns(lab, run) == ["item", "fix"]
    answered(lab, card, "abort")
