"""Each kind of output reaches the real Codex as what it is meant to be."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.codex import AppServer, Bench, app_server, bench, serving

SCENARIO = r"""
rules:
  - match: '^say (?P<what>\w+)'
    steps:
      - - {do: reasoning, text: thinking about it}
        - {do: message, text: "(scripted) <<what>>"}
        - {do: usage, input: 100, cached: 40, output: 20, reasoning: 5}
  - match: '^slowly'
    steps:
      - - {do: pause, seconds: 0.05}
        - {do: message, text: one two three, delay: 0.01}
        - {do: usage, input: 10, output: 5}
  - match: '^structured (?P<what>\w+)'
    steps: [[{do: json, value: {answer: "<<what>>", list: [1]}}]]
  - match: '^work'
    steps:
      - - {do: plan, explanation: because, steps: [{step: look, status: in_progress}]}
        - {do: command, cmd: "echo first; echo second >&2"}
      - - do: patch
          patch: |
            *** Begin Patch
            *** Add File: made.txt
            +made
            *** End Patch
      - - {do: command, cmd: cat made.txt}
      - - {do: message, text: "(scripted) it says <<text>>", if_output: 'Output:\n(?P<text>made)'}
        - {do: message, text: "(scripted) nothing made", unless_output: 'Output:\nmade'}
  - match: '^escalate'
    steps:
      - - {do: command, cmd: echo outside, escalate: true, justification: it must be outside}
      - - {do: message, text: "(scripted) ran", if_output: outside\n}
        - {do: message, text: "(scripted) was refused", unless_output: outside\n}
  - match: '^ask'
    steps:
      - - do: question
          id: color
          header: Color
          question: Which color?
          options: [{label: Red, description: warm}, {label: Blue, description: cold}]
      - - {do: message, text: "(scripted) so it is <<color>>", if_output: '"color".*?\["(?P<color>\w+)'}
        - {do: message, text: "(scripted) no answer", unless_output: '"color".*?\["\w+'}
  - match: '^permit'
    steps:
      - - {do: permissions, reason: to look there, read: [/opt], network: true}
      - - {do: message, text: "(scripted) permitted", if_output: '/opt'}
  - match: '^mcp'
    steps:
      - - {do: mcp, server: lab, tool: echo, arguments: {text: "from <<cwd>>"}}
      - - {do: message, text: "(scripted) heard", if_output: 'echo: from /'}
  - match: '^long'
    steps:
      - - {do: command, cmd: "read line < wait.fifo; echo $line"}
      - - {do: message, text: "(scripted) the command said <<line>>", if_output: 'Output:\n(?P<line>.*)'}
  - match: '^turn around'
    steps: [[{do: message, text: "(scripted) turned around"}]]
  - match: 'where'
    when: {cwd: /elsewhere$}
    steps: [[{do: message, text: "(scripted) elsewhere"}]]
  - match: '^where'
    steps: [[{do: message, text: "(scripted) here"}]]
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    home, cwd = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("cwd")
    log: list[str] = []
    with serving(SCENARIO, log) as server:
        yield bench(server, log, home, cwd)


def refuse(request: dict[str, Any]) -> Any:
    raise AssertionError(f"nothing should be asked, but: {request}")


async def test_message_reasoning_and_usage(world: Bench) -> None:
    done = await world.exec("say hello")
    assert done.code == 0
    assert done.message == "(scripted) hello"
    assert [item["text"] for item in done.items("reasoning")] == ["thinking about it"]
    usage = done.events[-1]["usage"]
    assert (usage["input_tokens"], usage["cached_input_tokens"]) == (100, 40)
    assert (usage["output_tokens"], usage["reasoning_output_tokens"]) == (20, 5)


async def test_structured_answer(world: Bench, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    done = await world.exec("structured yes", "--output-schema", str(schema))
    assert json.loads(done.message) == {"answer": "yes", "list": [1]}
    assert done.events[-1]["usage"]["input_tokens"] > 0  # estimated where the scenario names none


async def test_plan_command_patch_and_a_reaction_to_output(world: Bench, tmp_path: Path) -> None:
    done = await world.exec("work", "-s", "workspace-write", cwd=tmp_path)
    assert [item["items"] for item in done.items("todo_list")] == [[{"text": "look", "completed": False}]]
    command = done.items("command_execution")[0]
    assert command["exit_code"] == 0
    assert "first\n" in command["aggregated_output"]
    assert "second\n" in command["aggregated_output"]
    change = done.items("file_change")[0]["changes"]
    assert [(Path(c["path"]).name, c["kind"]) for c in change] == [("made.txt", "add")]
    assert (tmp_path / "made.txt").read_text() == "made\n"
    assert done.message == "(scripted) it says made"


async def test_a_script_is_bound_to_its_directory(world: Bench, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    there, here = await asyncio.gather(world.exec("where", cwd=tmp_path / "elsewhere"), world.exec("where"))
    assert (there.message, here.message) == ("(scripted) elsewhere", "(scripted) here")


async def test_without_a_rule_it_says_so(world: Bench) -> None:
    done = await world.exec("unheard of")
    assert done.message == "(scripted) no rule of this scenario fits the prompt that begins: 'unheard of'"


async def test_an_agents_file_is_not_taken_for_the_prompt(world: Bench, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # what makes it a project's root
    (tmp_path / "AGENTS.md").write_text("say wrong\n")
    assert (await world.exec("say right", cwd=tmp_path)).message == "(scripted) right"
    assert (await world.exec("unheard of", cwd=tmp_path)).message.endswith("begins: 'unheard of'")


async def test_mcp_call(world: Bench) -> None:
    command, arguments = json.dumps(sys.executable), json.dumps([str(Path(__file__).with_name("mcp_lab.py"))])
    options = ["-c", f"mcp_servers.lab.command={command}", "-c", f"mcp_servers.lab.args={arguments}"]
    done = await world.exec("mcp", *options)
    call = done.items("mcp_tool_call")[0]
    assert (call["server"], call["tool"], call["status"]) == ("lab", "echo", "completed")
    assert done.message == "(scripted) heard"


async def test_what_only_a_server_shows(world: Bench) -> None:
    async with app_server(world, world.cwd) as server:
        await slow_text_comes_in_pieces(server)
        await an_escalation_is_asked(server, "accept", "(scripted) ran")
        await an_escalation_is_asked(server, "decline", "(scripted) was refused")
        await a_question_is_asked(server, {"color": {"answers": ["Blue"]}}, "(scripted) so it is Blue")
        await a_question_is_asked(server, {}, "(scripted) no answer")
        await permissions_are_asked_for(server)


async def slow_text_comes_in_pieces(server: AppServer) -> None:
    await server.turn("slowly", refuse)
    deltas = [m["params"]["delta"] for m in server.seen if m.get("method") == "item/agentMessage/delta"]
    assert len(deltas) > 1
    assert "".join(deltas) == "one two three" == server.messages()[0]
    [usage] = [m["params"] for m in server.seen if m.get("method") == "thread/tokenUsage/updated"]
    assert usage["tokenUsage"]["total"]["totalTokens"] == 15


async def an_escalation_is_asked(server: AppServer, decision: str, said: str) -> None:
    def decide(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/commandExecution/requestApproval"
        assert request["params"]["reason"] == "it must be outside"
        return {"decision": decision}

    before = len(server.messages())
    await server.turn("escalate", decide)
    assert server.messages()[before:] == [said]


async def a_question_is_asked(server: AppServer, answers: dict[str, Any], said: str) -> None:
    def choose(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/tool/requestUserInput"
        [question] = request["params"]["questions"]
        assert [option["label"] for option in question["options"]] == ["Red", "Blue"]
        return {"answers": answers}

    before = len(server.messages())
    await server.turn("ask", choose)
    assert server.messages()[before:] == [said]


async def permissions_are_asked_for(server: AppServer) -> None:
    def grant(request: dict[str, Any]) -> Any:
        assert request["method"] == "item/permissions/requestApproval"
        asked = request["params"]["permissions"]
        assert asked["network"] == {"enabled": True}
        return {"permissions": {"fileSystem": asked["fileSystem"]}, "scope": "turn"}

    before = len(server.messages())
    await server.turn("permit", grant)
    assert server.messages()[before:] == ["(scripted) permitted"]


async def test_a_steer_counts_only_if_a_rule_fits_it_and_what_follows_an_interrupted_turn_is_a_prompt(
    world: Bench, tmp_path: Path
) -> None:
    async with app_server(world, tmp_path) as server:
        for steer, said in (
            ("by the way", "(scripted) the command said go"),
            ("turn around", "(scripted) turned around"),
        ):
            turn = await waits_at_the_fifo(server, tmp_path)
            before = len(server.messages())
            text = {"type": "text", "text": steer}
            await server.call("turn/steer", {**turn, "expectedTurnId": turn["turnId"], "input": [text]})
            await asyncio.to_thread((tmp_path / "wait.fifo").write_text, "go\n")
            await server.until("turn/completed")
            assert server.messages()[before:] == [said]
        await server.call("turn/interrupt", await waits_at_the_fifo(server, tmp_path))
        await server.until("turn/completed")
        await server.call("thread/backgroundTerminals/clean", {"threadId": server.thread})
        await server.turn("unheard of", refuse)
        assert "no rule of this scenario fits" in server.messages()[-1]


async def waits_at_the_fifo(server: AppServer, directory: Path) -> dict[str, Any]:
    """A turn whose command waits there; its thread and id."""
    (directory / "wait.fifo").unlink(missing_ok=True)
    os.mkfifo(directory / "wait.fifo")
    text = {"type": "text", "text": "long"}
    started = await server.call("turn/start", {"threadId": server.thread, "input": [text]})
    while (await server.until("item/started"))["item"]["type"] != "commandExecution":
        pass
    return {"threadId": server.thread, "turnId": started["turn"]["id"]}


async def test_ten_at_once_in_one_home(world: Bench) -> None:
    names = [f"name{number}" for number in range(10)]
    done = await asyncio.gather(*(world.exec(f"say {name}") for name in names))
    assert [(one.code, one.message) for one in done] == [(0, f"(scripted) {name}") for name in names]
