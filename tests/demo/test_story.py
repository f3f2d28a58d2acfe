"""The story on the real repos: every prompt has its answer, and the edits mend the repos, made by the real Codex."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.demo.codex import AppServer, Bench, app_server, bench
from tests.demo.scripted import play
from tmuxorch.codex import planning, prompts, understand, workerprompt
from tmuxorch.core import brief, plan, plan_rules
from tmuxorch.core.decide.discovery import TOPICS
from tmuxorch.demo import sample_repos, scenario
from tmuxorch.demo.model import STORY, ModelServer
from tmuxorch.errors import Refused
from tmuxorch.store.templates import Templates

RULES = msgspec.structs.replace(scenario.load([STORY]), pace=0.0)
WRITE = ("-s", "workspace-write")
CHANGED = {
    "backend": {*("backend/api.py", "backend/registry.py"), *("docs/contract.json",)},
    "firmware": {"firmware/onboarding.py", "firmware/provisioning.py", "firmware/retry.py"},
    "mobile": {"mobile/onboarding.py"},
}
DOCS = {"docs/architecture.md", "docs/release.md"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    log: list[str] = []
    with ModelServer(RULES, log.append) as server:
        yield bench(server, log, tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("cwd"))


@pytest.fixture
def repos(tmp_path: Path) -> dict[str, Path]:
    return sample_repos.create(tmp_path / "repos")


def test_the_users_git_settings_have_no_say(tmp_path: Path) -> None:
    (Path.home() / ".gitconfig").write_text("[core]\n\tautocrlf = true\n[init]\n\tdefaultBranch = trunk\n")
    backend = sample_repos.create(tmp_path)["backend"]
    assert b"\r" not in (backend / "README.md").read_bytes()


def test_nothing_is_overwritten(repos: dict[str, Path]) -> None:
    with pytest.raises(Refused, match="exists already"):
        sample_repos.create(repos["mobile"].parent)


def git(repo: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repo), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def passes(repo: Path) -> bool:
    command = [sys.executable, "-m", "unittest", "-q"]
    return subprocess.run(command, cwd=repo, capture_output=True).returncode == 0


def changed(repo: Path) -> set[str]:
    return {line[3:] for line in git(repo, "status", "--porcelain", "-uall").splitlines()}


def item(number: int, child: str) -> str:
    return prompts.item(child, "/somewhere", str(number), "title", "instructions")


def fix(number: int, child: str) -> str:
    return prompts.fix(child, str(number), "title", "python3 -m unittest -q", 1, "output")


def test_the_repos_are_the_same_everywhere_and_show_the_fault(repos: dict[str, Path]) -> None:
    assert list(repos) == ["backend", "firmware", "mobile"]
    for repo in repos.values():
        assert git(repo, "status", "--porcelain", "--branch") == "## main\n"
        assert len(git(repo, "log", "--oneline").splitlines()) == 4
        assert not passes(repo)
        assert not changed(repo)  # running the tests leaves nothing behind
    heads = {name: git(repo, "rev-parse", "--short=7", "HEAD").strip() for name, repo in repos.items()}
    assert heads == {"backend": "d2df063", "firmware": "cb85b81", "mobile": "1052319"}


async def test_the_edits_mend_the_repos_and_nothing_else_is_touched(
    world: Bench, repos: dict[str, Path]
) -> None:
    backend, firmware, mobile = repos.values()
    first = await world.exec(item(1, "backend"), *WRITE, cwd=backend)
    assert "It is NOT published" in first.message  # `exec` asks nobody, so nothing may leave the sandbox
    assert "I ran `python3 -m unittest -q`: OK" in first.message
    assert passes(backend)

    second, third = await asyncio.gather(
        world.exec(item(2, "firmware"), *WRITE, cwd=firmware),
        world.exec(item(3, "mobile"), *WRITE, cwd=mobile),
    )
    assert "exponential backoff" in second.message
    assert passes(firmware)
    assert "only `python3 -m unittest -q tests.test_onboarding`" in third.message
    assert not passes(mobile)

    mended = await world.exec(fix(3, "mobile"), *WRITE, cwd=mobile)
    assert "I ran `python3 -m unittest -q`: OK" in mended.message
    assert passes(mobile)

    assert {name: changed(repo) for name, repo in repos.items()} == {n: c | DOCS for n, c in CHANGED.items()}
    assert onboarding_from_end_to_end(repos) == ("dev-1", 40.0)

    before = [git(repo, "diff") for repo in repos.values()]
    for number, (child, repo) in enumerate(repos.items(), 1):
        play(RULES, item(number, child), repo)
    assert [git(repo, "diff") for repo in repos.values()] == before, "an interrupted turn may be sent again"


def onboarding_from_end_to_end(repos: dict[str, Path]) -> tuple[str, float]:
    """Let the three mended repos work together: a device whose radio is up after 38 s; its id, and the seconds."""
    program = Path(__file__).with_name("end_to_end.py")
    command = [sys.executable, "-B", str(program), *map(str, repos.values())]
    device, seconds = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return device, seconds


POLICIES = {
    "Exponential backoff": "exponential backoff",
    "Backoff with jitter": "backoff with jitter",
    "Fixed interval": "a fixed interval",
    "whatever you like": "exponential backoff",
}


async def test_what_is_answered_is_what_is_done(world: Bench, tmp_path: Path) -> None:
    """Publishing the contract waits for an approval, and the retry policy is the one that was chosen."""
    decisions = {"accept": True, "decline": False}
    stages = [sample_repos.create(tmp_path / f"{number}" / "repos") for number in range(len(POLICIES))]
    async with app_server(world, tmp_path) as server:
        for repos, (decision, published) in zip(stages, decisions.items(), strict=False):
            await publishes(server, repos["backend"], decision, published)
        for repos, (choice, policy) in zip(stages, POLICIES.items(), strict=True):
            await retries(server, repos["firmware"], choice, policy)


async def publishes(server: AppServer, backend: Path, decision: str, published: bool) -> None:
    def decide(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/commandExecution/requestApproval"
        assert "tools/publish_contract.py" in request["params"]["command"]
        return {"decision": decision}

    turn = await server.turn(item(1, "backend"), decide, cwd=str(backend))
    said = server.messages()[-1]
    assert turn["status"] == "completed"
    assert ("It is NOT published" in said) is not published
    assert ("published (sha256" in said) is published
    contract = backend.parent / "contracts" / "device-registration.json"
    assert contract.exists() is published
    assert passes(backend)


async def retries(server: AppServer, firmware: Path, choice: str, policy: str) -> None:
    def choose(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/tool/requestUserInput"
        [question] = request["params"]["questions"]
        return {"answers": {question["id"]: {"answers": [choice]}}}

    await server.turn(item(2, "firmware"), choose, cwd=str(firmware))
    assert f"the policy\nis {policy} " in server.messages()[-1]
    assert f"the policy is {policy}." in (firmware / "firmware" / "retry.py").read_text()
    assert passes(firmware)


def said(prompt: str, cwd: str | Path) -> str:
    """What the model says at the end of that prompt."""
    output = play(RULES, prompt, Path(cwd))
    assert isinstance(output, scenario.Message | scenario.Json)
    return output.text if isinstance(output, scenario.Message) else json.dumps(output.value)


def test_every_other_prompt_has_its_answer(tmp_path: Path, repos: dict[str, Path]) -> None:
    problem = "devices time out"
    about = {
        topic: {
            name: said(understand.discover(name, str(cwd), topic, "", problem), cwd)
            for name, cwd in repos.items()
        }
        for topic in TOPICS
    }
    for name, cwd in repos.items():
        place, history, rules, code = (about[topic][name] for topic in TOPICS)
        assert f"{name} is in {cwd}, on branch main." in place
        assert f"The newest commit of {name}: " in history
        assert f"AGENTS.md has the rules of {name}" in rules
        assert f"The code of {name} is in {name}/" in code
    backend, templates = repos["backend"], Templates(tmp_path, {})
    answer = said(prompts.ask("backend", str(backend), "What is new?\nTell me all."), backend)
    assert "You asked backend: Tell me all.\n" in answer
    assert "d2df063 Show the onboarding timeout" in answer
    assert "written in advance" in said(prompts.report(problem, "facts"), tmp_path)
    roles = [
        said(workerprompt.build(templates.role(role), "look around", "read-only"), backend)
        for role in ("reviewer", "scout", "free")
    ]
    assert all("The task was: look around\n" in text for text in roles)
    assert len(set(roles)) == 3


def test_the_structured_answers_have_the_shape_that_is_asked_for(
    tmp_path: Path, repos: dict[str, Path]
) -> None:
    problem = "devices time out"
    for name, cwd in repos.items():
        words = said(understand.brief(name, str(cwd), "facts", problem), cwd)
        assert set(json.loads(words)) == set(brief.BriefAnswer.__struct_fields__)
        assert json.loads(words)["current_state"] == brief.read(words).current_state
    contracts, planned, repaired = (
        json.loads(said(prompt, tmp_path))
        for prompt in (
            planning.contracts(problem, {"backend": "a brief"}),
            planning.plan(problem, {}, [], repos),
            planning.repair("plan", 1, ["it has no objective"]),
        )
    )
    assert contracts.keys() == {"contracts", "parallel", "risks"}
    assert contracts["contracts"][0].keys() == {"name", "producer", "consumers", "shape"}
    assert planned == repaired
    made = msgspec.convert({**planned, "contracts": contracts["contracts"]}, plan.Plan)
    assert plan_rules.problems(made, frozenset(repos)) == []
    assert [entry.owner for entry in made.items] == ["backend", "firmware", "mobile", "orchestrator"]
    fields = {"id", "title", "owner", "depends", "scope", "contract", "instructions", "verification"}
    assert all(entry.keys() == fields | {"risk", "human"} for entry in planned["items"])
