"""The real Codex finds what was installed, and what it writes itself later stays."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.cli.command import git_repo
from tests.cli.conftest import Run
from tests.codex.tinymodel import TinyModel, say, tell
from tmuxorch.codex import binary
from tmuxorch.demo import codex_home
from tmuxorch.skill.entry import entry, program
from tmuxorch.skill.files import OWN


def codex(cwd: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [str(binary.find()), *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def server(cwd: Path) -> Any:
    """Our server, as Codex understands its configuration; None if it knows none."""
    listed = json.loads(codex(cwd, "mcp", "list", "--json"))
    return next((one for one in listed if one["name"] == "tmuxorch"), None)


def means(listed: Any, project: Path | None) -> bool:
    ours = entry(program(), project)
    told = {key: listed["transport"][key] for key in ("command", "args", "env_vars")}
    return listed["enabled"] is True and ours == told | {
        key: listed[key] for key in ("startup_timeout_sec", "tool_timeout_sec")
    }


def test_codex_knows_the_server_and_what_codex_writes_stays(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("skill", "install", "--user").code == 0
    assert means(server(tmp_path), None)
    codex(tmp_path, "mcp", "add", "other", "--", "true")
    assert means(server(tmp_path), None)
    assert run("skill", "install", "--user", "--json").json["wrote"] == []
    assert run("skill", "uninstall", "--user").code == 0
    assert server(tmp_path) is None
    assert "[mcp_servers.other]" in (home / "codex" / "config.toml").read_text()


def test_codex_reads_the_skill_and_a_trusted_project(run: Run, home: Path, tmp_path: Path) -> None:
    project = git_repo(tmp_path) / "orchestra"
    project.mkdir()
    assert "trust" in run("skill", "install", "--project", "-C", project).err
    assert server(project) is None
    with TinyModel() as model:
        codex_home.make(home / "codex", model.url, [tmp_path])
        assert means(server(project), project)
        assert "trust" not in run("skill", "install", "--project", "-C", project).err
        prompt = tell(say("read"), text="$tmuxorch what is your move?")
        assert "read" in codex(project, "exec", "--json", "-", given=prompt)
        asked = json.dumps(model.requests[-1]["input"], ensure_ascii=False)
    said = (OWN / "SKILL.md").read_text()
    assert f"- tmuxorch: {said.split('description: ')[1].splitlines()[0]}" in asked
    assert json.dumps(said.split("---\n")[2], ensure_ascii=False)[1:-1] in asked
    assert os.listdir(project / ".codex") == ["config.toml"]
