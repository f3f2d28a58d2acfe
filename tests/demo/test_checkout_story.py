"""The checkout story without its agents: what each scripted step does to the three repos."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.demo.scripted import holds, play
from tmuxorch.codex import prompts, schemas
from tmuxorch.core import answers, work
from tmuxorch.core import model as m
from tmuxorch.demo import sample_repos, scenario
from tmuxorch.demo.stories import CHECKOUT

TEST = "python3 -m unittest -q"
RULES = scenario.load([CHECKOUT.script])
INSTRUCTION = "Escape it once, in shop/page.py, where it is written."


@pytest.fixture
def repos(tmp_path: Path) -> dict[str, Path]:
    return sample_repos.create(tmp_path / "repos", CHECKOUT)


@pytest.fixture(scope="module")
def untouched(_session_home: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Repos in which nothing is changed."""
    return sample_repos.create(tmp_path_factory.mktemp("u") / "repos", CHECKOUT)


def git(repo: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", repo, *words], capture_output=True, text=True, check=True).stdout


def item(number: int, child: str, *decisions: str) -> str:
    return prompts.item(child, "/somewhere", str(number), "title", "instructions", decisions=decisions)


def fix(number: int, child: str) -> str:
    return prompts.fix(child, str(number), "title", TEST, 1, "output")


def test_the_repos_are_the_same_everywhere_and_show_the_fault(untouched: dict[str, Path]) -> None:
    heads = {name: git(repo, "rev-parse", "--short=7", "HEAD").strip() for name, repo in untouched.items()}
    assert heads == {"backend": "e0ab1c2", "edge": "363f45a", "frontend": "3b97818"}
    for repo in untouched.values():
        assert not holds(TEST, repo)
        assert git(repo, "status", "--porcelain", "--branch") == "## main\n"


def test_each_step_does_what_the_story_wants(repos: dict[str, Path]) -> None:
    """The page cannot be made before the answer; the edge and the page can be made side by side."""
    backend, edge, frontend = repos.values()
    play(RULES, item(1, "edge"), edge)
    assert git(edge, "status", "--porcelain") == "?? docs/soak-before.txt\n"
    assert "session lost in 7 of 50" in (edge / "docs" / "soak-before.txt").read_text()

    said = play(RULES, item(2, "backend"), backend)
    assert isinstance(said, scenario.Json)
    [change] = work.read(json.dumps(said.value)).contract_changes
    assert (change.name, "errors: [{field, message}" in change.shape) == ("checkout answer", True)
    assert holds(TEST, backend)

    play(RULES, item(3, "frontend"), frontend)
    assert not holds(TEST, frontend)
    play(RULES, fix(3, "frontend"), frontend)
    assert not holds(TEST, frontend)
    assert holds(f"{TEST} tests.test_wrong_form", frontend), "it fails in another way than before"
    play(RULES, item(3, "frontend", f"on item 3: {INSTRUCTION}"), frontend)
    assert holds(TEST, frontend)
    play(RULES, item(7, "frontend"), frontend)
    assert holds(f"{TEST} && python3 tools/preview.py 422 | grep '3 things to mend'", frontend)

    assert not holds(TEST, edge)
    play(RULES, item(4, "edge"), edge)
    assert holds(f"{TEST} && python3 tools/soak.py | grep 'lost in 0 of 50'", edge)
    play(RULES, item(5, "edge"), edge)
    assert holds(f"{TEST} && {TEST} tests.test_log", edge)
    assert_checkouts_work(repos)

    before = contents(repos)
    again = (2, "backend"), (1, "edge"), (4, "edge"), (5, "edge"), (3, "frontend"), (7, "frontend")
    for number, child in again:
        play(RULES, item(number, child), repos[child])
    assert contents(repos) == before, "an interrupted turn may be sent again"


def contents(repos: dict[str, Path]) -> dict[str, bytes]:
    """Every file that git has or would take."""
    return {
        f"{name}/{path}": (repo / path).read_bytes()
        for name, repo in repos.items()
        for path in git(repo, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    }


def assert_checkouts_work(repos: dict[str, Path]) -> None:
    """The three repos together: every fault is on the page, no session is lost, nothing typed is logged."""
    program = Path(__file__).with_name("checkout_end_to_end.py")
    command = [sys.executable, "-B", str(program), *map(str, repos.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wrong, good, unknown, lines = json.loads(done.stdout)
    assert "&lt;b&gt;1&quot; holds more than digits" in wrong
    assert "a postcode has 5 digits" in wrong
    assert "Your order is o-1." in good
    assert "sign in again" in unknown
    assert lines == [
        "checkout session=came,went_on status=422 wrong=postcode",
        "checkout session=came,went_on status=201 wrong=",
        "checkout session=came,went_on status=401 wrong=",
    ]


@pytest.mark.parametrize(
    ("prompt", "purpose"),
    [
        ("# tmuxorch: contracts\n", m.Purpose.CONTRACTS),
        ("# tmuxorch: plan\n", m.Purpose.PLAN),
        ("# tmuxorch: replan 1\n", m.Purpose.REPLAN),
        *((f"# tmuxorch: brief · {child}\n", m.Purpose.BRIEF) for child in ("backend", "edge", "frontend")),
        (item(2, "backend"), m.Purpose.ITEM),
        (item(3, "frontend"), m.Purpose.ITEM),
    ],
)
def test_structured_answers_have_the_shape_that_is_asked_for(
    prompt: str, purpose: m.Purpose, tmp_path: Path, untouched: dict[str, Path]
) -> None:
    """What is done for it is done in a copy."""
    name = "backend" if "backend" in prompt else "frontend"
    said = play(RULES, prompt, Path(shutil.copytree(untouched[name], tmp_path / name)))
    assert isinstance(said, scenario.Json)
    wanted = schemas.of(answers.ANSWERS[purpose])
    assert said.value.keys() == set(wanted["properties"])
    msgspec.convert(said.value, answers.ANSWERS[purpose])


def test_every_text_that_a_person_reads_says_that_it_is_scripted() -> None:
    for output in (output for rule in RULES.rules for step in rule.steps for output in step):
        if isinstance(output, scenario.Message | scenario.Reasoning):
            assert "(scripted)" in output.text
