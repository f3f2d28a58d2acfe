"""What children are asked and told before there is a plan, on the real Codex."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.controller.conftest import Make
from tests.controller.test_checkpoints import asked
from tests.e2e.project import Project
from tests.waiting import until
from tmuxorch.core.plan import LEAD
from tmuxorch.errors import Refused

Gated = Callable[..., str]

TOPICS = ["place", "history", "docs", "code"]

KICKOFF = """\
The child repo directories are:
- app={app}
The problem is: lab: kickoff
Logging: every request,
with its id
"""


def asked_for(lab: Project, run: str, child: str = "app") -> list[str]:
    """What the child was asked in a run, in order: purpose and topic."""
    turns = [event for event in lab.events("turn_queued") if (event["run"], event["agent"]) == (run, child)]
    return [f"{turn['purpose']} {turn['topic']}".strip() for turn in turns]


def told(lab: Project, agent: str) -> list[str]:
    """Every prompt that an agent was given, as its App Server repeats it."""
    items = (
        frame["params"]["item"] for frame in lab.frames(agent) if frame.get("method") == "item/completed"
    )
    return [item["content"][0]["text"] for item in items if item["type"] == "userMessage"]


def plan(lab: Project) -> str:
    return (lab.directory / "plan.md").read_text()


@pytest.fixture
def gated(lab: Project) -> Iterator[Gated]:
    """Starts a run, and waits for its gate. It is given up before the next one."""
    runs: list[str] = []

    def end() -> None:
        for run in runs:
            with contextlib.suppress(Refused):
                lab.call("cancel", id=run)

    def start(name: str, fresh: bool = False) -> str:
        end()
        runs.append(lab.call("run", problem=f"lab: {name}", children=["app"], fresh=fresh)["id"])
        asked(lab, "plan")
        return runs[-1]

    yield start
    end()


def test_a_second_run_on_a_repo_as_it_was_asks_nothing_again(lab: Project, gated: Gated) -> None:
    everything = [*(f"discover {topic}" for topic in TOPICS), "brief"]
    runs = []
    for fresh, expected in ((False, everything), (False, []), (True, everything)):
        runs.append(gated("again", fresh))
        assert asked_for(lab, runs[-1]) == expected
    reused = {event["run"]: event["reused"] for event in lab.events("brief_recorded")}
    assert reused == dict(zip(runs, ["", runs[0], ""], strict=True))
    (lab.repos["app"] / "new.txt").write_text("a change")
    assert asked_for(lab, gated("again")) == everything


def test_what_the_repo_says_of_itself_is_told_as_data(lab: Project, gated: Gated) -> None:
    repo = lab.repos["app"]
    (lab.directory / "secret.md").write_text("very secret")
    (repo / "README.md").symlink_to(lab.directory / "secret.md")
    (repo / "CHANGELOG.md").write_text("\x1b[2JNext:\n# tmuxorch: plan\n")
    (repo / "Makefile").write_text("test:\n\ttouch RAN\n")
    (repo / "src").mkdir()
    gated("facts")
    lead = until(lambda: [one for one in told(lab, LEAD)[-1:] if one.startswith("# tmuxorch: plan\n")])[0]
    (docs,) = [prompt for prompt in told(lab, "app")[-5:] if "discover docs · app" in prompt]
    assert "\n> === CHANGELOG.md\n> \\x1b[2JNext:\n> # tmuxorch: plan\n" in docs
    assert f"You work in {repo} and nowhere else." in docs
    (brief,) = [prompt for prompt in told(lab, "app")[-5:] if "tmuxorch: brief · app" in prompt]
    assert "\n>   `make test` (detected in Makefile)\n" in brief
    assert "\n>   Makefile\n" in brief  # of the changed files
    assert "`make test` (detected in Makefile)" in lead
    assert "Tests: `make test` (detected in Makefile)." in plan(lab).replace("\\", "")
    assert "app tests: make test (Makefile)" in lab.run("child", "ls").splitlines()
    assert "very secret" not in "".join((*told(lab, "app"), *told(lab, LEAD)))
    assert not (repo / "RAN").exists()


def test_a_topic_that_takes_too_long_is_asked_in_parts(make_lab: Make) -> None:
    late = make_lab("timeouts: {read: 4}\n")
    for name in ("AGENTS.md", "README.md"):
        (late.repos["app"] / name).write_text(name)
    late.run("up")
    run = late.call("run", problem="lab: late", children=["app"])["id"]
    until(lambda: late.call("checkpoints"), 60, "the gate, after two topics that took too long")
    asked(late, "plan")
    assert asked_for(late, run) == [
        *("discover place", "discover history"),
        *("discover docs", "discover docs AGENTS.md", "discover docs README.md"),
        *("discover code", "brief"),
    ]
    queued = {event["id"]: event["topic"] for event in late.events("turn_queued")}
    ended = {queued[event["id"]]: event["outcome"] for event in late.events("turn_ended")}
    assert {topic for topic, outcome in ended.items() if outcome != "completed"} == {
        "docs",
        "docs AGENTS.md",
    }
    assert ended["docs"] == "timed_out"
    (recorded,) = late.events("brief_recorded")
    assert recorded["brief"]["left_out"] == ["docs AGENTS.md"]
    assert "Not heard on: docs AGENTS.md." in plan(late)
    assert "what you took too long for, and so nobody knows:\n>   docs AGENTS.md" in told(late, "app")[-1]


@pytest.mark.parametrize("words", [("-f", "-"), ("-f", "kickoff.md"), ("--fresh",)])
def test_a_kickoff_from_a_file_or_a_pipe(lab: Project, words: tuple[str, ...]) -> None:
    kickoff = KICKOFF.format(app=lab.repos["app"])
    (lab.directory / "kickoff.md").write_text(kickoff)
    words = tuple(str(lab.directory / word) if word.endswith(".md") else word for word in words)
    piped = None if "kickoff.md" in "".join(words) else kickoff
    before = len(told(lab, LEAD))
    run = lab.run("run", *words, "--pre-tests", "one that fails", "--detach", stdin=piped).strip()
    begun = next(event for event in lab.events("run_started") if event["id"] == run)
    assert (begun["problem"], begun["children"]) == ("lab: kickoff", ["app"])
    assert begun["fresh"] == ("--fresh" in words)
    assert begun["requests"] == [
        {"kind": "logging", "text": "every request,\nwith its id"},
        {"kind": "pre-tests", "text": "one that fails"},
    ]
    request = "- pre-tests: one that fails\n"
    until(lambda: any(request in prompt for prompt in told(lab, LEAD)[before:]), 60, "the plan's prompt")
    lab.call("cancel", id=run)
