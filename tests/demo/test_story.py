"""The story on the real Codex and the real repos: every prompt has its answer, and the edits mend the repos."""

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

from tests.demo.codex import Bench, app_server, bench
from tmuxorch.codex import planning, prompts, understand, workerprompt
from tmuxorch.core import brief, plan, plan_rules
from tmuxorch.core.decide.discovery import TOPICS
from tmuxorch.demo import sample_repos, scenario
from tmuxorch.demo.model import STORY, ModelServer
from tmuxorch.errors import Refused
from tmuxorch.store.templates import Templates

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
    rules = msgspec.structs.replace(scenario.load([STORY]), pace=0.0)
    with ModelServer(rules, log.append) as server:
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
    again = await asyncio.gather(
        *(
            world.exec(prompt, *WRITE, cwd=repos[child])
            for child, prompt in (
                ("backend", item(1, "backend")),
                ("firmware", item(2, "firmware")),
                ("mobile", item(3, "mobile")),
            )
        )
    )
    assert [done.items("file_change") for done in again] == [
        [],
        [],
        [],
    ]  # an interrupted turn may be sent again
    assert [git(repo, "diff") for repo in repos.values()] == before


def onboarding_from_end_to_end(repos: dict[str, Path]) -> tuple[str, float]:
    """Let the three mended repos work together: a device whose radio is up after 38 s; its id, and the seconds."""
    program = Path(__file__).with_name("end_to_end.py")
    command = [sys.executable, "-B", str(program), *map(str, repos.values())]
    device, seconds = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return device, seconds


@pytest.mark.parametrize(("decision", "published"), [("accept", True), ("decline", False)])
async def test_publishing_the_contract_waits_for_approval(
    decision: str, published: bool, world: Bench, repos: dict[str, Path]
) -> None:
    def decide(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/commandExecution/requestApproval"
        assert "tools/publish_contract.py" in request["params"]["command"]
        return {"decision": decision}

    async with app_server(world, repos["backend"]) as server:
        turn = await server.turn(item(1, "backend"), decide)
        said = server.messages()[-1]
    assert turn["status"] == "completed"
    assert ("It is NOT published" in said) is not published
    assert ("published (sha256" in said) is published
    contract = repos["backend"].parent / "contracts" / "device-registration.json"
    assert contract.exists() is published
    assert passes(repos["backend"])


@pytest.mark.parametrize(
    ("choice", "policy"),
    [
        ("Exponential backoff", "exponential backoff"),
        ("Backoff with jitter", "backoff with jitter"),
        ("Fixed interval", "a fixed interval"),
        ("whatever you like", "exponential backoff"),
    ],
)
async def test_the_answered_retry_policy_is_in_the_code(
    choice: str, policy: str, world: Bench, repos: dict[str, Path]
) -> None:
    def choose(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/tool/requestUserInput"
        [question] = request["params"]["questions"]
        return {"answers": {question["id"]: {"answers": [choice]}}}

    async with app_server(world, repos["firmware"]) as server:
        await server.turn(item(2, "firmware"), choose)
        assert f"the policy\nis {policy} " in server.messages()[-1]
    assert f"the policy is {policy}." in (repos["firmware"] / "firmware" / "retry.py").read_text()
    assert passes(repos["firmware"])


async def test_every_other_prompt_has_its_answer(world: Bench, repos: dict[str, Path]) -> None:
    problem = "devices time out"
    children = [(name, str(path)) for name, path in repos.items()]
    templates = Templates(world.cwd, {})
    asked = [
        *(
            (understand.discover(name, cwd, topic, "", problem), cwd)
            for topic in TOPICS
            for name, cwd in children
        ),
        (prompts.ask("backend", children[0][1], "What is new?\nTell me all."), children[0][1]),
        (prompts.report(problem, "facts"), str(world.cwd)),
        *(
            (workerprompt.build(templates.role(role), "look around", "read-only"), children[0][1])
            for role in ("reviewer", "scout", "free")
        ),
    ]
    done = await asyncio.gather(*(world.exec(prompt, cwd=Path(cwd)) for prompt, cwd in asked))
    said = [one.message for one in done]
    for (name, cwd), text in zip(children, said[:3], strict=True):
        assert f"{name} is in {cwd}, on branch main." in text
    for name, _ in children:
        assert any(f"The newest commit of {name}: " in text for text in said[3:6])
        assert any(f"AGENTS.md has the rules of {name}" in text for text in said[6:9])
        assert any(f"The code of {name} is in {name}/" in text for text in said[9:12])
    said = said[9:]
    assert "You asked backend: Tell me all.\n" in said[3]
    assert "d2df063 Show the onboarding timeout" in said[3]
    assert "written in advance" in said[4]
    assert all("The task was: look around\n" in text for text in said[5:])
    assert len(set(said[5:])) == 3


async def test_the_structured_answers_have_the_shape_that_is_asked_for(
    world: Bench, repos: dict[str, Path]
) -> None:
    problem = "devices time out"
    asked = [
        *(understand.brief(name, str(path), "facts", problem) for name, path in repos.items()),
        planning.contracts(problem, {"backend": "a brief"}),
        planning.plan(problem, {}, [], repos),
        planning.repair("plan", 1, ["it has no objective"]),
    ]
    places = [*repos.values(), world.cwd, world.cwd, world.cwd]
    done = await asyncio.gather(*(world.exec(p, cwd=cwd) for p, cwd in zip(asked, places, strict=True)))
    *briefs, contracts, planned, repaired = [json.loads(one.message) for one in done]
    assert [set(said) for said in briefs] == [set(brief.BriefAnswer.__struct_fields__)] * 3
    assert all(said["current_state"] == brief.read(json.dumps(said)).current_state for said in briefs)
    assert contracts.keys() == {"contracts", "parallel", "risks"}
    assert contracts["contracts"][0].keys() == {"name", "producer", "consumers", "shape"}
    assert planned == repaired
    made = msgspec.convert({**planned, "contracts": contracts["contracts"]}, plan.Plan)
    assert plan_rules.problems(made, frozenset(repos)) == []
    assert [entry.owner for entry in made.items] == ["backend", "firmware", "mobile", "orchestrator"]
    fields = {"id", "title", "owner", "depends", "scope", "contract", "instructions", "verification"}
    assert all(entry.keys() == fields | {"risk", "human"} for entry in planned["items"])
