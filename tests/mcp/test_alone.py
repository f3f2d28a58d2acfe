"""The server where no project or no controller is: what it refuses and how, how it begins and ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from tests.mcp.client import connected
from tests.person import at_terminal
from tmuxorch.mcp import listing

OURS = [sys.executable, "-m", "tmuxorch"]

ITEM = {"id": "1", "title": "t", "owner": "app", "instructions": "i"}


async def test_what_is_wrong_with_a_call_is_said_to_the_model(tmp_path: Path) -> None:
    wrong: list[tuple[str, dict[str, Any], str, str]] = [
        ("status", {"x": 1}, "unknown field `x`", "leave it out; status takes: none"),
        ("wait_for", {}, "missing required field `ids`", "it takes: ids, any, timeout_seconds"),
        ("wait_for", {"ids": []}, "length >= 1 - at `$.ids`", "mend that and call wait_for again"),
        ("wait_for_events", {"timeout_seconds": 281}, "<= 280.0 - at `$.timeout_seconds`", "mend that"),
        ("run_worker", {"task": 7}, "Expected `str`, got `int` - at `$.task`", "mend that"),
        ("run_worker", {"task": "t", "scope": "any"}, "Invalid enum value 'any' - at `$.scope`", "mend that"),
        ("run_worker", {"task": "t", "really_full": True}, "unknown field `really_full`", "it out; run_worker"),
        ("start_run", {"problem": "p", "yes": True}, "unknown field `yes`", "leave it out; start_run takes"),
        ("propose_plan", {"plan": {"objective": "o", "items": [{**ITEM, "human": {"do": "d"}}]}},
         "missing required field `expect` - at `$.plan.items[0].human`", "mend that"),
        ("propose_plan", {"plan": {"objective": "o", "items": [{**ITEM, "status": "done"}]}},
         "unknown field `status` - at `$.plan.items[0]`", "leave it out"),
        ("approve", {"id": "C1"}, "there is no tool 'approve'", "one of: status, wait_for_events, "),
        ("status", {}, f"there is no project in {tmp_path}", "a person types: tmuxorch init NAME=PATH"),
        ("start_run", {"problem": "p"}, "there is no project", "a person types: tmuxorch init"),
        ("read_journal", {}, "there is no project", "a person types: tmuxorch init"),
    ]  # fmt: skip
    async with connected(None, os.environ, cwd=tmp_path) as client:
        for tool, given, reason, step in wrong:
            words = await client.refused(tool, **given)
            first, _, following = words.partition("\nnext: ")
            assert reason in first, words
            assert step in following, words
        assert (await client.session.list_resources()).resources == []
        assert len((await client.session.list_resource_templates()).resource_templates) == 2
        assert [one.name for one in (await client.session.list_prompts()).prompts] == ["kickoff"]
        with pytest.raises(MCPError, match="there is no project"):
            await client.session.read_resource("tmuxorch://plan.md")

        # A project that is made meanwhile is found, and without a controller a person is told what to type.
        (tmp_path / "orchestrator.config.yaml").write_text("children: []\n")
        assert await client.refused("status") == (
            "the controller is not running\nnext: a person types: tmuxorch up"
        )
        assert "there is no journal" not in await client.refused("read_journal")


def test_a_person_at_a_terminal_is_told_what_this_is_for(tmp_path: Path) -> None:
    with at_terminal([*OURS, "mcp"], cwd=tmp_path, columns=200) as typist:
        assert typist.ends() == 2
        typist.sees("a client starts it", "tmuxorch skill install")


def test_without_the_sdk_the_package_to_install_is_named() -> None:
    hidden = "import sys; sys.modules['mcp_types'] = None; from tmuxorch.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "mcp"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "")
    assert "pip install 'tmuxorch[mcp]'" in done.stderr


def test_the_tools_are_known_before_the_sdk_is_imported(tmp_path: Path) -> None:
    (tmp_path / "mcp_types.py").write_text("raise SystemExit('imported')\n")
    asked = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
    ]
    done = subprocess.run(
        [*OURS, "mcp"],
        input="".join(json.dumps(one) + "\n" for one in asked),
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"jsonrpc": "2.0", "id": 0, "result": listing.greeting("2025-06-18")},
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": listing.tools()}},
    ]
    assert "imported" in done.stderr


@pytest.mark.parametrize("said", ["", '\xff\n{}\n[]\n{"jsonrpc": "2.0", "id": 1, "method": 7}\n'])
def test_a_client_that_talks_nonsense_and_hangs_up_ends_it(said: str) -> None:
    done = subprocess.run(
        [*OURS, "mcp"], input=said.encode("latin-1"), capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line)["error"] for line in done.stdout.splitlines())
