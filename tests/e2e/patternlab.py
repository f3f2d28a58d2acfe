"""Runs of patterns on the real Codex, whose workers wait for each other, and which are looked at all the while."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from tests.e2e.project import Json, Project
from tests.tmuxfixture import end_servers
from tests.waiting import until
from tmuxorch.cli.client import connect
from tmuxorch.core.curated import Result
from tmuxorch.demo import scenario
from tmuxorch.demo.model import ModelServer
from tmuxorch.demo.stories import REVIEW

SCENARIO = Path(__file__).with_name("patterns.yaml")

SIDE_BY_SIDE = re.compile("ROLE: reviewer|TASK: It is about this|TASK: Work out")
"""In the matches of rules whose workers have others beside them."""

ALL_HAVE_STARTED = """\
d=$PWD; until test -e $d/.orchestrator; do d=$(dirname $d); done; cd $d/.orchestrator/workers
started() {
  known=$(grep -h '"job_started"' ../journal/*.jsonl)
  for told in W*/prompt.md; do case $known in *"\\"${told%/*}\\""*) ;; *) return 1 ;; esac; done
}
until started; do sleep 0.1; done"""
"""A command that ends once the journal has the start of every worker that was told something."""

CONFIG = "limits: {retries: 0}\n"


def rules() -> scenario.Scenario:
    """What the model answers: workers that have others beside them do so once all of them have been started."""
    wait = [scenario.Command(cmd=ALL_HAVE_STARTED, yield_ms=30_000, until="exited with code 0")]
    found = scenario.load([SCENARIO, REVIEW.script]).rules
    return scenario.Scenario(
        rules=[
            replace(rule, steps=[wait, *rule.steps]) if SIDE_BY_SIDE.search(rule.match) else rule
            for rule in found
        ]
    )


@contextlib.contextmanager
def labs(directory: Path) -> Iterator[Project]:
    """A project with the repos of the story; nothing runs yet. It is stopped at the end."""
    with ModelServer(rules(), lambda line: None) as model:
        project = Project(directory / "p", model.base_url, CONFIG, story=REVIEW)
        try:
            yield project
        finally:
            project.run("down", "--kill-agents", status=None)
            end_servers()


class Played(NamedTuple):
    """A run of a pattern that has ended: how its command ended, and the run as it was in every status that came."""

    id: str
    code: int
    out: str
    err: str
    looks: list[Json]

    @property
    def run(self) -> Json:
        """The public object at the end."""
        return self.looks[-1]

    @property
    def workers(self) -> list[list[str]]:
        """The ids of each step's workers."""
        return [step["workers"] for step in self.run["steps"]]


def play(lab: Project, *words: str) -> Played:
    """`tmuxorch pattern run WORDS --wait`, to its end."""
    before = {run["id"] for run in lab.call("status")["patterns"]}
    with connect(lab.paths) as client:
        client.send("subscribe")
        process = lab.start("pattern", "run", *words, "--wait")
        looks = list(_looks(client.changes(60), before))
    out, err = process.communicate(timeout=60)
    assert looks, err
    return Played(looks[-1]["id"], process.returncode, out, err, looks)


def _looks(notes: Iterator[Json], before: set[str]) -> Iterator[Json]:
    for note in notes:
        for run in note["status"]["patterns"]:
            if run["id"] not in before:
                yield run
                if run["state"] == "ended":
                    return


def one_step_at_a_time(lab: Project, played: Played) -> None:
    """Whoever looked while it went on saw exactly one step in progress, all before it completed and none after it
    begun; and each step has begun, in its order. One that takes no longer than news are gathered may be seen by nobody.
    """
    seen = []
    for look in played.looks:
        words = [step["status"] for step in look["steps"]]
        if look["state"] == "ended":
            continue
        now = words.index("in_progress")
        assert words == ["completed"] * now + ["in_progress"] + ["pending"] * (len(words) - now - 1)
        seen.append(now)
    assert seen == sorted(seen)
    begun = [event["workers"] for event in lab.events("step_begun") if event["pattern"] == played.id]
    assert begun == played.workers


def overlap(lab: Project, workers: list[str]) -> None:
    """Each of them was at work while each other was: in the records of their hosts, and in the journal."""
    begun, over = [], []
    for worker in workers:
        record = json.loads((lab.paths.worker(worker) / "exit.json").read_text())
        begun.append(datetime.fromisoformat(record["started"]))
        over.append(datetime.fromisoformat(record["ended"]))
    assert len(workers) > 1
    assert max(begun) < min(over)
    ours = [event for event in lab.events() if event.get("id") in workers]
    kinds = [event["type"] for event in ours if event["type"] in ("job_started", "job_exited")]
    assert kinds == ["job_started"] * len(workers) + ["job_exited"] * len(workers)


def result_of(lab: Project, run: str) -> Result:
    """What `tmuxorch result --json` says, which is what result.json has."""
    found = msgspec.convert(lab.ask("result", run)["result"], Result)
    assert found == msgspec.json.decode((lab.paths.pattern(run) / "result.json").read_bytes(), type=Result)
    return found


def told(lab: Project, worker: str) -> tuple[str, Json]:
    """What a worker was told before the data, and the data."""
    prompt = (lab.paths.worker(worker) / "prompt.md").read_text()
    found = re.fullmatch(
        r"(.*)DATA: .* with (\w{12})\..*\nBEGIN DATA \2\n(.*)\nEND DATA \2", prompt, re.DOTALL
    )
    assert found, prompt
    data: Json = json.loads(found[3])
    return found[1], data


def entries(lab: Project, run: str) -> int:
    """How many entries of runs.md are about that run of a pattern, which has ended."""

    def told() -> int:
        return len(re.findall(rf"^{run}, pattern ", lab.paths.runs.read_text(), re.MULTILINE))

    return until(told, what=f"an entry of {run}")
