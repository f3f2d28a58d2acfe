"""Each built-in pattern on the real Codex: workers side by side, steps one after the other, one result at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.checkout import git, shell
from tests.e2e.patternlab import Played, entries, labs, one_step_at_a_time, overlap, play, result_of, told
from tests.e2e.project import Json, Project
from tmuxorch.core import results
from tmuxorch.core.curated import Result
from tmuxorch.demo.stories import REVIEW, Wanted

PATIENCE, SCREEN = "the patience of the app", "the screen of the app"


@pytest.fixture(scope="module")
def lab(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project that is up."""
    with labs(tmp_path_factory.mktemp("l")) as project:
        project.run("up")
        yield project


def of_the_story(lab: Project, wanted: Wanted) -> Played:
    """A run that the story has, as a person types it."""
    given = [f"--{name}={value}" for name, values in wanted.given.items() for value in values]
    paths = [f"--path={path}" for path in wanted.paths]
    tree = ["--worktree"] if wanted.worktree else []
    return play(lab, wanted.name, wanted.task, f"--cd={lab.directory / wanted.cd}", *given, *paths, *tree)


def came_to_one_result(lab: Project, played: Played) -> Result:
    """Its result, if it is one: of a run that succeeded, one step at a time, told in one entry, with one next step."""
    one_step_at_a_time(lab, played)
    assert (played.code, played.run["outcome"]) == (0, "succeeded"), played.err
    for first, *others in played.workers:
        if others:
            overlap(lab, [first, *others])
    assert entries(lab, played.id) == 1
    assert played.out == lab.run("result", played.id)
    assert played.out.count("## Next step") == 1
    found = result_of(lab, played.id)
    assert found.missing == ()
    assert found.next_step in " ".join(played.out.split())
    return found


# -- A: a review


@pytest.fixture(scope="module")
def review(lab: Project) -> Played:
    """The seeded review."""
    return of_the_story(lab, REVIEW.extras.patterns[0])


@pytest.fixture(scope="module", autouse=True)
def _first(review: Played) -> None:
    """Whichever of these tests are run here: the review was played before all else, is P1 and has W1 to W4."""


SIX = [
    ("critical", "W3", "The device is silent for longer than the backend waits"),
    ("high", "W1 W3", "Registration answers 504 although the device comes online"),
    ("high", "W1 W2", "One lost announcement leaves the device offline for good"),
    ("medium", "W2 W3", "A short loss of network ends the onboarding"),
    ("medium", "W1", "Registering a known serial number keeps the former owner"),
    ("medium", "W2", "Anybody who knows a serial number can announce that device"),
]


def test_nine_findings_of_three_lenses_are_six_in_the_documented_order(lab: Project, review: Played) -> None:
    assert review.workers == [["W1", "W2", "W3"], ["W4"]]
    found = came_to_one_result(lab, review)
    assert (found.given, [(one.about, one.entries) for one in found.workers[:3]]) == (
        9,
        [("correctness", 3), ("risks", 3), ("timeouts", 3)],
    )
    assert [
        (one.severity, " ".join(source.worker for source in one.sources), one.title) for one in found.findings
    ] == SIX
    merged = [one.why for one in found.findings if len(one.sources) > 1]
    assert all(
        re.search(
            r" · 2 of 3 · confidence high · merged with W\d's “.*”: \d lines? apart, \d\d % alike$", why
        )
        for why in merged
    )
    assert merged[2].startswith("medium (W3: low) · ")
    assert found.findings[0].why == "critical · 1 of 3 · confidence high"


def test_a_review_has_its_result_in_every_form(lab: Project, review: Played) -> None:
    titles = [title for _, _, title in SIX]
    headings = re.findall(r"^### \d\. (\w+): (.*)$", review.out, re.MULTILINE)
    assert headings == [(severity, title) for severity, _, title in SIX]
    log = json.loads(lab.run("result", review.id, "--sarif"))
    (told_by_sarif,) = log["runs"]
    assert [one["message"]["text"].split(".\n")[0] for one in told_by_sarif["results"]] == titles
    (place,) = told_by_sarif["results"][1]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "backend/backend/api.py"
    assert place["physicalLocation"]["region"]["startLine"] == 35
    files = {path.name: path.read_text() for path in lab.paths.pattern(review.id).iterdir()}
    assert sorted(files) == ["result.json", "result.md", "result.sarif"]
    assert files["result.md"] == review.out
    assert json.loads(files["result.sarif"]) == log


def test_a_review_is_seen_wherever_one_looks(lab: Project, review: Played) -> None:
    summary = review.run["summary"]
    assert summary.startswith("6 findings · (scripted) Connecting a device fails because")
    line = next(line for line in lab.run("ls").splitlines() if line.startswith("P1 "))
    assert line.split(maxsplit=4)[:2] == ["P1", "succeeded"]
    assert line.endswith(f"review  {summary}")
    wanted = {"W1-review-correctness", "W2-review-risks", "W3-review-timeouts", "W4-synthesis"}
    assert wanted <= set(lab.windows())
    assert "P1 review · step synthesis in progress" in review.err
    assert lab.run("wait", "P1").startswith("P1  succeeded")
    assert "P1 review succeeded: 6 findings" in lab.run("next", "--finished", "--after", "W4")


def test_what_reviewers_found_is_data_for_who_sums_it_up(lab: Project, review: Played) -> None:
    before, data = told(lab, "W4")
    assert "TASK: Say what a review comes to. It was of this: how the three repos connect" in before
    assert [one["title"] for one in data["findings"]] == [title for _, _, title in SIX]
    assert [one["worker"] for one in data["findings"][1]["sources"]] == ["W1", "W3"]
    assert "BEGIN DATA" not in (lab.paths.worker("W1") / "prompt.md").read_text()


# -- B and C: a change


def merge_commands(played: Played, worker: str) -> str:
    """What a person is told to type."""
    _, _, commands = played.err.partition(f"to merge what {worker} did, type:\n")
    return "\n".join(line.strip() for line in commands.splitlines() if line.startswith("  git "))


def test_a_review_is_mended_in_the_repo_itself(lab: Project) -> None:
    repo = lab.repos["mobile"]
    played = play(lab, "B", PATIENCE, f"--cd={repo}", "--path=mobile", "--lens=errors", "--lens=tests")
    found = came_to_one_result(lab, played)
    (_, (fix,), (verify,)) = played.workers
    assert git(repo, "status", "--porcelain") == " M mobile/onboarding.py\n"
    assert "REQUEST_TIMEOUT = 45.0" in (repo / "mobile" / "onboarding.py").read_text()
    assert found.findings[0].title == "The app waits 30 s, less than a cold device needs"
    assert (found.findings[0].agreement, found.given, len(found.findings)) == (2, 4, 3)
    assert found.verdict is not None
    assert found.verdict.verdict is results.Judgement.PASS
    assert found.verdict.summary == f"The app waits for 45 s in {repo}."
    assert found.next_step == "Release it."
    assert [one["title"] for one in told(lab, fix)[1]["findings"]] == [one.title for one in found.findings]
    before, data = told(lab, verify)
    assert "SCOPE: read-only\n" in before
    assert "SCOPE: edit: mobile\n" in told(lab, fix)[0]
    assert [one["text"] for one in data["texts"]] == [
        "The app waits for 45 s. The tests are left as they are."
    ]
    assert (merge_commands(played, fix), worker_of(lab, fix)["merge"]) == ("", [])
    git(repo, "checkout", "mobile")


def test_a_change_that_does_not_hold_is_a_failure_with_a_result(lab: Project) -> None:
    repo = lab.repos["mobile"]
    played = play(lab, "review-fix", SCREEN, f"--cd={repo}", "--path=docs", "--worktree", "--lens=clarity")
    one_step_at_a_time(lab, played)
    (_, (fix,), _) = played.workers
    assert (played.code, played.run["outcome"], played.run["reason"]) == (1, "failed", "the verdict is fail")
    tree = worker_of(lab, fix)["worktree"]
    assert f"Only this was changed in {tree}: M docs/release.md." in " ".join(played.out.split())
    assert "## Verdict: fail" in played.out
    assert f"tmuxorch: {played.id} failed: the verdict is fail" in played.err
    assert git(repo, "status", "--porcelain") == ""
    assert lab.run("wait", played.id, status=1).startswith(f"{played.id}  failed")
    assert lab.run("result", played.id) == played.out
    assert result_of(lab, played.id).next_step == "Change the code too."
    assert merge_commands(played, fix).splitlines() == worker_of(lab, fix)["merge"]
    assert entries(lab, played.id) == 1


def test_a_change_in_a_worktree_is_verified_there_and_merged_as_is_told(lab: Project) -> None:
    repo = lab.repos["firmware"]
    played = of_the_story(lab, REVIEW.extras.patterns[1])
    found = came_to_one_result(lab, played)
    ((scout,), (change,), (verify,)) = played.workers
    assert found.verdict is not None
    assert found.verdict.verdict is results.Judgement.PASS
    assert worker_of(lab, verify)["cwd"] == worker_of(lab, change)["worktree"] != str(repo)
    assert told(lab, change)[1]["texts"][0]["text"].startswith(
        "(scripted) The map:\n- firmware/onboarding.py"
    )
    assert [one["worker"] for one in told(lab, verify)[1]["texts"]] == [scout, change]
    assert git(repo, "status", "--porcelain") == ""
    git(repo, "config", "user.name", "Ann")
    git(repo, "config", "user.email", "a@example.com")
    commands = merge_commands(played, change)
    assert commands.splitlines() == worker_of(lab, change)["merge"]
    shell(f"set -e\n{commands}", lab.directory)
    assert "KEEP_TRYING = 300.0" in (repo / "firmware" / "onboarding.py").read_text()
    assert git(repo, "status", "--porcelain") == ""
    assert len(git(repo, "worktree", "list").splitlines()) == 1
    names = "test_it_does_not_wait_when_the_link_is_up test_it_tries_again_until_the_link_is_up"
    tests = " ".join(f"tests.test_onboarding.Announce.{name}" for name in names.split())
    shell(f"python3 -B -m unittest -q {tests}", repo)


def worker_of(lab: Project, worker: str) -> Json:
    """The public object of a worker."""
    found: Json = next(one for one in lab.call("status")["workers"] if one["id"] == worker)
    return found


# -- D, E and F: many answers, one brief


def test_parts_of_a_whole_become_one_list(lab: Project) -> None:
    sections = [f"--section={name}" for name in ("backend", "firmware", "mobile")]
    played = play(lab, "D", "Walk through the repos.", f"--cd={lab.directory / 'repos'}", *sections)
    found = came_to_one_result(lab, played)
    assert [(one.severity, one.agreement, one.file) for one in found.findings] == [
        ("high", 3, "backend/docs/contract.json"),
        ("low", 1, "backend/README.md"),
        ("low", 1, "firmware/README.md"),
        ("low", 1, "mobile/README.md"),
    ]
    assert found.brief is not None
    assert found.brief.summary == "Seen: backend, firmware, mobile."
    assert found.next_step == "Name an owner."
    assert {f"{played.workers[0][0]}-section-backend", f"{played.workers[1][0]}-synthesis"} <= set(
        lab.windows()
    )


def test_research_becomes_notes_and_one_brief(lab: Project) -> None:
    questions = ["--question=What does the radio need?", "--question=When does the backend give up?"]
    played = play(lab, "E", "how long a device takes", *questions, "--cd", str(lab.repos["firmware"]))
    found = came_to_one_result(lab, played)
    ((one, other), (synthesis,), (actions,)) = played.workers
    shared = next(note for note in found.notes if len(note.sources) > 1)
    assert shared.claim == "A cold device needs 20 to 40 seconds."
    assert [source.worker for source in shared.sources] == [one, other]
    assert sorted(note.claim for note in found.notes if note is not shared) == [
        "What does the radio need? That is written down.",
        "When does the backend give up? That is written down.",
    ]
    assert found.open == ("Nobody has measured it.",)
    assert [ending.worker for ending in found.earlier] == [synthesis]
    assert found.brief == results.Brief(
        summary="Measure first.", points=("Ten devices.", "Twice."), next_step="Measure it."
    )
    assert found.next_step == "Measure it."
    data = told(lab, actions)[1]
    assert (len(data["notes"]), data["brief"]["summary"]) == (3, "It takes up to 40 s.")
    assert f"{one}-research-What-does-the-r" in lab.windows()
    lab.run("result", played.id, "--sarif", status=5)


def test_options_become_one_choice(lab: Project) -> None:
    ways = ["--option=a push to the phone", "--option=an open line"]
    played = play(lab, "F", "tell the app at once", *ways, "--cd", str(lab.repos["mobile"]))
    found = came_to_one_result(lab, played)
    assert {(one.name, len(one.sources)) for one in found.options} == {
        ("Ask again and again", 2),
        ("From a push to the phone", 1),
        ("From an open line", 1),
    }
    assert found.given == 4
    assert found.brief is not None
    assert found.brief.points == ("Register.", "Poll.")
    assert found.next_step == "Write it."
    assert [one["name"] for one in told(lab, played.workers[1][0])[1]["options"]] == [
        one.name for one in found.options
    ]
