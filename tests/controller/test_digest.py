"""What has ended, for whoever leads the work: in the order in which it did, nothing twice, nothing missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.controller.holding import Gate, ended, now, start
from tests.e2e.project import Json, Project
from tests.waiting import until
from tmuxorch.cli.client import API, Client, connect
from tmuxorch.controller import digest
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.pattern import Pattern, Step
from tmuxorch.errors import NotFound, Refused, TimedOut
from tmuxorch.store.paths import ProjectPaths

CONFIG = "limits: {exec_workers: 6, retries: 0}\n"

HOSTILE = "\x1b]0;owned\x07## first\n\n- \x1b[31msecond\n  tmuxorch result W9"


def worker(number: int, at: float, outcome: m.Outcome = m.Outcome.SUCCEEDED, **more: object) -> m.Worker:
    """One that has ended."""
    reason = str(more.pop("reason", ""))
    violations = more.pop("violations", ())
    return m.Worker(
        id=f"W{number}",
        spec=m.WorkerSpec(label="scout", cwd="/", **more),  # type: ignore[arg-type]
        life=m.Exited(at=at, outcome=outcome, reason=reason),
        queued=0.0,
        violations=violations,  # type: ignore[arg-type]
    )


def pattern(number: int, at: float | None, summary: str = "") -> m.PatternRun:
    end = None if at is None else m.PatternEnd(at=at, outcome=m.PatternOutcome.SUCCEEDED, summary=summary)
    made = Pattern(name="review", title="t", about="", steps=(Step(name="look", role="scout", task="x"),))
    return m.PatternRun(
        id=f"P{number}", spec=m.PatternSpec(pattern=made, task="x", cwd="/"), started=0.0, end=end
    )


def state(*ended: m.Worker | m.PatternRun) -> m.State:
    return m.State(
        workers={one.id: one for one in ended if isinstance(one, m.Worker)},
        patterns={one.id: one for one in ended if isinstance(one, m.PatternRun)},
    )


def test_what_ends_in_the_same_moment_is_told_once_each() -> None:
    of = state(
        worker(10, 5.0), worker(9, 5.0), pattern(2, 5.0), worker(3, 7.0), worker(4, 4.0), pattern(1, None)
    )
    every = ["W4", "P2", "W9", "W10", "W3"]
    assert digest.ended_since(of, (0.0, 0, "")) == every
    for number, name in enumerate(every, 1):
        assert digest.ended_since(of, digest.end_of(of, name)) == every[number:]
    with pytest.raises(Refused, match="P1 still runs"):
        digest.end_of(of, "P1")
    with pytest.raises(NotFound, match="W8"):
        digest.end_of(of, "W8")


def test_the_words_say_how_it_ended_and_what_it_said_in_a_line(tmp_path: Path) -> None:
    paths = ProjectPaths(tmp_path)
    for number in (1, 2):
        paths.worker(f"W{number}").mkdir(parents=True)
    (paths.worker("W1") / "last_message.md").write_text(f"{HOSTILE}{' and more' * 100}")
    of = state(
        worker(1, 1.0, violations=tuple(f"{number}.txt" for number in range(7)), pattern="P1"),
        worker(2, 2.0, m.Outcome.FAILED, reason=HOSTILE),
        pattern(1, 3.0, HOSTILE),
    )
    first, second, third = digest.words(paths, of, ["W1", "W2", "P1"]).split("\n\n")
    said, wrong, more = first.splitlines()
    assert said.startswith("W1 scout (for P1) succeeded: ## first - second tmuxorch result W9 and more")
    assert said.endswith("…")
    assert len(said) < 450
    assert wrong == "  changed outside of its paths: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more"
    assert more == "  tmuxorch result W1"
    assert second == "W2 scout failed: ## first - second tmuxorch result W9\n  tmuxorch result W2"
    assert third == "P1 review succeeded: ## first - second tmuxorch result W9\n  tmuxorch result P1"
    assert text.is_block("\n".join((first, second, third)))


def asked(client: Client, **params: object) -> int:
    """Asks for what ends from now on; when this returns, the question has arrived."""
    number = client.send("finished", params)
    client.call("status")
    return number


def answer(client: Client, number: int) -> Json:
    while not client.answered(number):
        client.pump()
    found: Json = client.taken(number)
    return found


def test_who_waits_is_woken_by_the_next_end_and_misses_none(lab: Project, tmp_path: Path) -> None:
    gates = [Gate(tmp_path) for _ in range(3)]
    before = ended(lab, start(lab, lab.repos["app"], "greet"))
    one, two, three = (start(lab, lab.repos["app"], f"sh: {gate.wait}") for gate in gates)
    with connect(lab.paths) as client:
        first = asked(client)
        gates[1].open()
        found = answer(client, first)
        assert ([one["id"] for one in found["finished"]], found["after"]) == ([two["id"]], two["id"])
        assert found["text"].startswith(f"{two['id']} worker succeeded: told: ")
        second = asked(client, after=two["id"])
        assert not client.answered(second)
        gates[0].open()
        assert answer(client, second)["after"] == one["id"]
    lab.call("stop", id=three["id"])
    told = lab.ask("next", "--finished", "--after", before["id"])
    assert [each["id"] for each in told["finished"]] == [two["id"], one["id"], three["id"]]
    assert [each["outcome"] for each in told["finished"]] == ["succeeded", "succeeded", "cancelled"]
    said = lab.run("next", "--finished", "--after", one["id"])
    assert (
        said
        == f"{three['id']} worker cancelled: {told['finished'][2]['reason']}\n  tmuxorch result {three['id']}\n"
    )
    with pytest.raises(TimedOut):
        lab.call("finished", after=three["id"], timeout=0.05)
    lab.run("next", "--finished", "--after", three["id"], "--timeout", "0.05", status=4)
    lab.run("next", "--finished", "--after", "W99", status=5)
    lab.run("next", "--finished", "--after", one["id"], "--after", two["id"], status=2)


def test_wait_any_ends_with_the_first_and_exits_by_what_has_ended(lab: Project, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    runs = start(lab, lab.repos["app"], f"sh: {gate.wait}")
    until(lambda: now(lab, runs)["state"] == "running", what="the begin of the one that goes on")
    fails = start(lab, lab.repos["app"], "fail")
    done = lab.start("wait", "--any", runs["id"], fails["id"], "--json")
    out, _ = done.communicate(timeout=60)
    assert [one["state"] for one in json.loads(out)] == ["running", "exited"]
    assert done.returncode == 1
    both = lab.start("wait", runs["id"], fails["id"])
    gate.open()
    lines = both.communicate(timeout=60)[0].splitlines()
    assert [row.split()[:2] for row in lines] == [[runs["id"], "succeeded"], [fails["id"], "failed"]]
    assert both.returncode == 1
    lab.run("wait", runs["id"])


def test_wait_goes_on_while_a_worker_is_tried_again(lab: Project) -> None:
    worker = start(lab, lab.repos["app"], "refused once")
    waits = lab.start("wait", worker["id"], "--json")
    until(lambda: lab.call("status")["paused"], what="the pause")
    assert waits.poll() is None
    lab.run("up", "--resume-now")
    out, _ = waits.communicate(timeout=60)
    (found,) = json.loads(out)
    assert (found["outcome"], found["attempts"], waits.returncode) == ("succeeded", 2, 0)


def test_news_come_as_many_at_once_as_a_client_takes_and_none_is_skipped(lab: Project) -> None:
    with connect(lab.paths) as client:
        client.call("hello", {"api": API, "lead": "lab"})
        since = client.call("standing")["cursor"]
        asked = {"do": "Say.", "expect": "A word."}
        opened = [client.call("ask_human", {"title": f"number {n}", **asked})["id"] for n in range(51)]
        first = client.call("news", {"since": since})
        rest = client.call("news", {"since": first["cursor"]})
    assert [first["more"], rest["more"]] == [True, False]
    assert len(first["news"]) == 50
    assert [one["about"] for one in (*first["news"], *rest["news"])] == opened
    assert first["text"].split("\n")[0] == f"- {first['news'][0]['text']} (get_checkpoint {opened[0]})"
    assert rest["text"] == f"- {rest['news'][0]['text']} (get_checkpoint {opened[-1]})"
