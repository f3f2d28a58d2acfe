"""What a thread has besides turns, on the real Codex: a name, policies, skills, MCP servers."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.codex.live import Bench, Client, Server, client, connected
from tests.codex.tinymodel import escalate, mcp, say, tell
from tmuxorch.codex import appserver, equipment, execargs, results
from tmuxorch.codex.items import McpToolCall
from tmuxorch.codex.notifications import ItemCompleted
from tmuxorch.controller import outfit
from tmuxorch.controller.appserver import CallRefused
from tmuxorch.skill.files import OWN

MCP = Path(__file__).with_name("tinymcp.py")


async def test_people_join_a_thread_that_has_a_name_and_take_its_policies(
    codex: Client, bench: Bench
) -> None:
    person = await connected(bench.socket)
    with pytest.raises(CallRefused, match="no rollout found"):
        await person.resume(codex.thread)
    await codex.link.call(equipment.NAME_SET, equipment.name_set(codex.thread, "lead"))
    assert not (await person.resume(codex.thread)).turns

    ask = equipment.settings_update(codex.thread, sandbox=appserver.read_only(), approval="on-request")
    await codex.link.call(equipment.SETTINGS_UPDATE, ask)
    words = [{"type": "text", "text": tell(escalate("touch made", "must"), say("done"))}]
    plain = {"threadId": codex.thread, "clientUserMessageId": "p", "input": words}
    turn = results.turn_of(await person.link.call(appserver.TURN_START, plain))
    await codex.answer(await codex.request(), "decline")
    assert (await codex.ended(turn)).status == "completed"
    assert not (bench.repo / "made").exists()
    await person.link.close()


async def test_the_skill_is_found_where_it_is_and_never_twice(own: Bench) -> None:
    installed = own.repo / ".agents" / "skills" / "tmuxorch"

    async def found(codex: Client, name: str) -> list[str]:
        """The skill's files that the model was given by a prompt that calls it."""
        await outfit.bring_skill(codex.link.call, codex.cwd)
        prompt = tell(say(name), text="Use $tmuxorch.")
        params = appserver.turn_start(
            codex.thread, prompt, client_id=name, cwd=codex.cwd, sandbox=appserver.read_only()
        )
        await codex.ended(results.turn_of(await codex.link.call(appserver.TURN_START, params)))
        texts = [part["text"] for item in own.model.requests[-1]["input"] for part in item.get("content", ())]
        return [text.split("<path>")[1].split("</path>")[0] for text in texts if text.startswith("<skill>")]

    with Server(own):
        async with client(own) as codex:
            assert await found(codex, "a") == [str(OWN / "SKILL.md")]
            shutil.copytree(OWN, installed, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
            assert (await found(codex, "b"))[-1] == str(installed / "SKILL.md")


async def test_a_thread_has_an_mcp_server_of_its_own_whatever_the_user_calls_so(own: Bench) -> None:
    seen, argv = own.home / "seen", [sys.executable, str(MCP)]
    started = f'echo "$SHOWN/$HIDDEN" > {shlex.quote(str(seen))}; exec {shlex.join(argv)}'
    own.environment |= {"SHOWN": "yes", "HIDDEN": "no"}
    with own.config.open("a") as config:
        config.write('[mcp_servers.ours]\ncommand = "false"\nenabled = false\n')
    with Server(own):
        async with client(own) as codex:

            async def start(*program: str) -> None:
                given = equipment.mcp_server("ours", program, ["SHOWN"], timeout=60, startup=20)
                params = appserver.thread_start(codex.cwd, config=given)
                codex.thread = results.thread_of(await codex.link.call(appserver.THREAD_START, params)).id

            with pytest.raises(CallRefused, match="required MCP servers failed"):
                await start("false")
            await start("sh", "-c", started)
            await codex.turn(mcp("ours", "write"), say("done"))
            await codex.answer(await codex.request(), "accept")
            done = await codex.seen(ItemCompleted, lambda event: isinstance(event.item, McpToolCall))
            assert isinstance(done.item, McpToolCall)
            assert (done.item.server, done.item.status) == ("ours", "completed")
            assert seen.read_text() == "yes/\n"

            read = await codex.link.call(equipment.CONFIG_READ, equipment.config_read(codex.cwd))
            assert set(equipment.mcp_servers_of(read)) == {"lab", "ours"}


async def test_our_tools_come_under_another_name_where_a_server_of_ours_has_a_url(own: Bench) -> None:
    """That one is switched off: it is required, and nobody is at the other end."""
    url = 'url = "http://127.0.0.1:9/mcp"\nrequired = true\n'
    with own.config.open("a") as config:
        config.write(f"[mcp_servers.tmuxorch]\n{url}[mcp_servers.tmuxorch2]\n{url}enabled = false\n")
    with Server(own):
        codex = await connected(own.socket)
        ours = await outfit.our_tools(codex.link.call, str(own.repo), [sys.executable, str(MCP)])
        params = appserver.thread_start(str(own.repo), config=ours)
        codex.thread = results.thread_of(await codex.link.call(appserver.THREAD_START, params)).id
        codex.cwd = str(own.repo)
        await codex.turn(mcp("tmuxorch3", "write"), say("done"))
        await codex.answer(await codex.request(), "accept")
        done = await codex.seen(ItemCompleted, lambda event: isinstance(event.item, McpToolCall))
        assert isinstance(done.item, McpToolCall)
        assert (done.item.server, done.item.status) == ("tmuxorch3", "completed")
        await codex.link.close()


STDIO = '[mcp_servers.{name}]\ncommand = "touch"\nargs = ["{mark}"]\n'
HTTP = '[mcp_servers.{name}]\nurl = "http://127.0.0.1:9/mcp"\n'

PLACES = {
    "nowhere": ("", ""),
    "mine": (STDIO, ""),
    "away": (HTTP, ""),
    "theirs": ("", STDIO),
    "abroad": ("", HTTP),
    "twice": (STDIO, STDIO),
}
"""By name of an MCP server: how it stands in the user's configuration, and in the project's."""


def test_an_mcp_server_of_the_configuration_is_switched_off_wherever_it_stands(own: Bench) -> None:
    """A project's counts only where it is trusted."""
    marks = {name: own.home / f"started-{name}" for name in PLACES}
    users, projects = (
        "".join(both[at].format(name=name, mark=marks[name]) for name, both in PLACES.items())
        for at in (0, 1)
    )
    users = own.config.read_text() + users
    trusted = f'[projects."{own.repo}"]\ntrust_level = "trusted"\n'
    project = own.repo / ".codex" / "config.toml"
    project.parent.mkdir()
    project.write_text(projects)
    without = [word for name in PLACES for word in equipment.switched_off(name, (users, projects))]
    argv = execargs.exec_new(
        own.binary, cwd=own.repo, sandbox="read-only", last_message=own.home / "last", without=without
    )
    for trust in ("", trusted):
        own.config.write_text(users + trust)
        done = own.run(argv, tell(say("done")))
        assert done.returncode == 0, (trust, done.stderr)
        assert [name for name, mark in marks.items() if mark.exists()] == []
    at = argv.index(without[1]) - 1
    own.run([*argv[:at], *argv[at + len(without) :]], tell(say("done")))
    assert [name for name, mark in marks.items() if mark.exists()] == ["mine", "theirs", "twice"]
