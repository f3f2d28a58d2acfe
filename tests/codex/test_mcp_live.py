"""What the real Codex does with an MCP server: what docs/notes.md tells of it, and our own server rests on."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.codex.live import Bench, Server, client, connected
from tests.codex.tinymodel import Step, hold, mcp, say, tell
from tests.waiting import auntil
from tmuxorch.codex import appserver, execargs
from tmuxorch.codex.notifications import TurnCompleted

Json = dict[str, Any]

NEVER = "MCP tool call requires approval, but approval policy is never"


class Probe:
    """`probemcp.py` as the server `probe` of a bench, and what it wrote down."""

    def __init__(self, bench: Bench) -> None:
        self.log = bench.home / "probe.jsonl"
        self.bench = bench
        server = Path(__file__).with_name("probemcp.py")
        with bench.config.open("a") as config:
            config.write(
                f'[mcp_servers.probe]\ncommand = "{sys.executable}"\nargs = ["{server}", "{self.log}"]\n'
                'env_vars = ["PASSED_ON"]\n'
            )

    def lines(self, key: str) -> list[Json]:
        """What it wrote down that has this key."""
        return [line for line in map(json.loads, self.log.read_text().splitlines()) if key in line]

    def calls(self) -> list[Json]:
        return [line["params"] for line in self.lines("method") if line["method"] == "tools/call"]


def outputs(bench: Bench) -> list[str]:
    """What the model was given for the calls of its last request, in their order."""
    given = bench.model.requests[-1]["input"]
    said = [one["output"] for one in given if one.get("type") == "function_call_output"]
    return [one if isinstance(one, str) else "".join(part["text"] for part in one) for one in said]


def probed(*tools: str) -> list[Step]:
    return [mcp("probe", tool) for tool in tools]


def test_what_codex_lets_a_server_do_and_tells_of_it(own: Bench, tmp_path: Path) -> None:
    probe = Probe(own)
    own.environment |= {"PASSED_ON": "1", "KEPT_BACK": "1", "XDG_STATE_HOME": str(tmp_path)}
    tools = ["looks", "adds", "bare", "wrecks", "writes", "told", "wrong", "long"]
    argv = execargs.exec_new(own.binary, cwd=own.repo, sandbox="read-only", last_message=tmp_path / "out")
    done = own.run(argv, tell(*probed(*tools), say("the end")))
    assert done.returncode == 0, done.stderr

    looked, added, bare, wrecks, writes, told, wrong, long = outputs(own)
    assert "did looks" in looked
    assert "did adds" in added
    assert {bare, wrecks, writes} == {one for one in (bare, wrecks, writes) if NEVER in one}
    assert [call["name"] for call in probe.calls()] == ["looks", "adds", "told", "wrong", "long"]
    assert told.endswith('{"told":1}')
    assert "in words" not in told
    assert wrong.endswith("this is wrong")
    assert "tokens truncated" in long
    assert (45_000 < len(long) < 50_000, "\n        1\n" in long, "     9999" in long) == (True, True, True)

    (started,) = probe.lines("cwd")
    assert started["cwd"] == str(own.repo)
    assert {"HOME", "PATH", "PASSED_ON"} <= started["env"].keys()
    assert not {"KEPT_BACK", "XDG_STATE_HOME", "CODEX_HOME"} & started["env"].keys()
    metadata = probe.calls()[0]["_meta"]["x-codex-turn-metadata"]
    thread = json.loads(done.stdout.splitlines()[0])["thread_id"]
    assert (metadata["thread_id"], bool(metadata["turn_id"])) == (thread, True)


def test_a_server_that_is_not_configured_cannot_be_switched_off(own: Bench, tmp_path: Path) -> None:
    argv = execargs.exec_new(own.binary, cwd=own.repo, sandbox="read-only", last_message=tmp_path / "out")
    for name, status in (("lab", 0), ("nobody", 1)):
        done = own.run(
            [*argv[:2], "-c", f"mcp_servers.{name}.enabled=false", *argv[2:]], tell(say("the end"))
        )
        assert (done.returncode, b"invalid transport" in done.stderr) == (status, status == 1), done.stderr


async def test_a_server_is_told_nothing_and_never_started_again(own: Bench) -> None:
    probe = Probe(own)
    with Server(own):
        async with client(own) as codex:
            turn = await codex.turn(*probed("endless"))
            await auntil(lambda: probe.log.exists() and probe.calls(), what="the call")
            await codex.link.call(appserver.TURN_INTERRUPT, appserver.turn_interrupt(codex.thread, turn.id))
            assert (await codex.ended(turn)).status == "interrupted"
            await codex.ended(await codex.turn(*probed("looks"), say("the end")))
            assert [line["method"] for line in probe.lines("method")][-2:] == ["tools/call"] * 2

            (started,) = probe.lines("cwd")
            os.kill(started["pid"], signal.SIGKILL)
            await codex.ended(await codex.turn(*probed("looks"), say("the end")))
            assert "Transport closed" in outputs(own)[-1]
            assert len(probe.lines("cwd")) == 1
            await codex.link.call("config/mcpServer/reload", {})
            await codex.ended(await codex.turn(*probed("looks"), say("the end")))
            assert "did looks" in outputs(own)[-1]


async def test_what_becomes_of_a_thread(own: Bench) -> None:
    """A name stores it, a second start joins the turn, a compaction keeps what users said."""
    with Server(own):
        async with client(own) as codex:
            await codex.link.call("thread/name/set", {"threadId": codex.thread, "name": "lead"})
            other = await connected(own.socket)
            await other.resume(codex.thread)
            first = await codex.turn(mcp("lab", "write"), hold("first"))
            second = await other.turn(say("the second words"))
            own.model.open("first")
            assert (await codex.ended(first)).turn == second.id
            await other.link.close()

            await codex.link.call("thread/compact/start", {"threadId": codex.thread})
            compacted = await codex.seen(TurnCompleted, lambda event: event.turn != first.id)
            assert compacted.status == "completed"
            assert "CONTEXT CHECKPOINT COMPACTION" in str(own.model.requests[-1]["input"][-1])
            await codex.ended(await codex.turn(say("the third words")))
            given = own.model.requests[-1]["input"]
            assert {one.get("type", "message") for one in given} == {"message"}
            assert [one for one in given if one["role"] == "assistant"] == []
            told = [str(one) for one in given if "SCRIPT" in str(one)]
            said = ('"hold": "first"', "the second words", "the third words")
            assert [words in one for words, one in zip(said, told, strict=True)] == [True] * 3


def test_a_skill_that_is_there_twice_is_not_put_in(own: Bench, tmp_path: Path) -> None:
    argv = execargs.exec_new(own.binary, cwd=own.repo, sandbox="read-only", last_message=tmp_path / "out")
    put = []
    for directory in (own.repo, own.home):
        skill = directory / ".agents" / "skills" / "twin"
        skill.mkdir(parents=True)
        (skill / "SKILL.md").write_text(
            "---\nname: twin\ndescription: One of two.\n---\nThe words of a skill.\n"
        )
        own.run(argv, tell(say("the end"), text="$twin go on"))
        put.append("The words of a skill." in str(own.model.requests[-1]["input"]))
    assert put == [True, False]
