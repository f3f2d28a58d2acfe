"""`init`, `config` and `doctor` on real directories and repos."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import git_repo, tmuxorch
from tmuxorch.cli.doctor import kill_user_processes
from tmuxorch.errors import Refused
from tmuxorch.store.config import load
from tmuxorch.store.paths import ProjectPaths
from tmuxorch.store.setup import add_children, drop_child

HOSTILE_NAME = "it's #{pane_id} $(x) ünïcode"


def test_init_writes_a_commented_configuration_with_the_children(tmp_path: Path) -> None:
    project = tmp_path / HOSTILE_NAME
    project.mkdir()
    git_repo(tmp_path / "backend")
    git_repo(tmp_path / "mobile app")
    done = tmuxorch("init", "backend=../backend", "mobile=../mobile app", "--json", cwd=project)
    config = project / "orchestrator.config.yaml"
    assert done.json == {"path": str(config), "children": ["backend", "mobile"]}
    assert "# " in config.read_text()
    assert tmuxorch("config", "validate", "--json", cwd=project).json == {
        "path": str(config),
        "valid": True,
        "children": ["backend", "mobile"],
    }
    children = tmuxorch("config", "show", "--json", cwd=project).json["children"]
    assert [child["path"] for child in children] == ["../backend", "../mobile app"]


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    config = tmp_path / "orchestrator.config.yaml"
    config.write_text("children: []\nx-mine: 1\n")
    done = tmuxorch("init", "--json", cwd=tmp_path)
    assert done.code == 3
    assert config.read_text() == "children: []\nx-mine: 1\n"


@pytest.mark.parametrize("path", ["nowhere", "plain", "repo/inside"])
def test_init_takes_only_repos(tmp_path: Path, path: str) -> None:
    (tmp_path / "plain").mkdir()
    git_repo(tmp_path / "repo")
    (tmp_path / "repo" / "inside").mkdir()
    done = tmuxorch("init", f"child={path}", "--json", cwd=tmp_path)
    assert (done.code, done.error["code"]) == (2, "config")
    assert not (tmp_path / "orchestrator.config.yaml").exists()


def test_init_refuses_a_repo_inside_another(tmp_path: Path) -> None:
    git_repo(tmp_path / "repo")
    git_repo(tmp_path / "repo" / "inside")
    done = tmuxorch("init", "a=repo", "b=repo/inside", "--json", cwd=tmp_path)
    assert (done.code, done.error["code"]) == (2, "config")


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "orchestrator.config.yaml").write_text("childern: []\n")
    for command in ("show", "validate"):
        done = tmuxorch("config", command, "--json", cwd=tmp_path)
        assert (done.code, done.error["code"]) == (2, "config")
        assert "children" in done.error["message"] + done.error["hint"]


def test_doctor_finds_what_is_here(tmp_path: Path) -> None:
    git_repo(tmp_path / "backend")
    tmuxorch("init", "backend=backend", cwd=tmp_path)
    done = tmuxorch("doctor", "--json", cwd=tmp_path, env={"LC_ALL": "C.UTF-8"})
    assert done.code == 0
    states = {finding["name"]: finding["state"] for finding in done.json["findings"]}
    assert states.pop("login") == "warning"
    assert states.pop("logout") in ("ok", "warning")
    assert set(states.values()) == {"ok"}
    assert set(states) == {"tmux", "codex", "codex home", "git", "state", "socket", "locale", "config"}


def test_doctor_without_tmux_exits_7_and_says_the_rest(tmp_path: Path) -> None:
    done = tmuxorch("doctor", "--json", cwd=tmp_path, env={"PATH": "/nowhere"})
    assert done.code == 7
    states = {finding["name"]: finding["state"] for finding in done.json["findings"]}
    assert (states["tmux"], states["git"], states["state"]) == ("missing", "problem", "ok")


def test_doctor_without_codex_exits_7(tmp_path: Path) -> None:
    (tmp_path / "orchestrator.config.yaml").write_text("codex:\n  bin: /nowhere/codex\n")
    done = tmuxorch("doctor", "--json", cwd=tmp_path)
    assert done.code == 7
    (codex,) = [finding for finding in done.json["findings"] if finding["state"] == "missing"]
    assert codex["name"] == "codex"
    assert "/nowhere/codex" in codex["detail"]


def test_doctor_says_what_is_wrong_with_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "orchestrator.config.yaml").write_text("children:\n  - {name: a, path: nowhere}\n")
    done = tmuxorch("doctor", cwd=tmp_path)
    assert done.code == 1
    assert "nowhere" in done.out


def test_doctor_looks_at_the_locale_and_at_directories_of_others(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("a file is in the way")
    done = tmuxorch("doctor", "--json", cwd=tmp_path, env={"LC_ALL": "POSIX", "XDG_STATE_HOME": str(state)})
    states = {finding["name"]: finding["state"] for finding in done.json["findings"]}
    assert done.code == 1
    assert (states["locale"], states["state"]) == ("warning", "problem")


def test_what_logind_is_told(tmp_path: Path) -> None:
    main, drop_in = tmp_path / "logind.conf", tmp_path / "logind.conf.d"
    places = [main, drop_in]
    assert kill_user_processes(places) is None
    main.write_text("[Login]\n#KillUserProcesses=yes\n")
    assert kill_user_processes(places) is False
    main.write_text("[Login]\nKillUserProcesses = yes\n")
    assert kill_user_processes(places) is True
    drop_in.mkdir()
    (drop_in / "50.conf").write_text("[Login]\nKillUserProcesses=no\n")
    assert kill_user_processes(places) is False


def test_without_tmux_up_exits_7_and_makes_nothing(tmp_path: Path, home: Path) -> None:
    before = sorted(home.rglob("*"))
    done = tmuxorch("up", "--json", cwd=tmp_path, env={"PATH": os.fspath(tmp_path)})
    assert (done.code, done.error["code"]) == (7, "tool_missing")
    assert sorted(home.rglob("*")) == before


def test_a_codex_home_that_cannot_be_made_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = tmuxorch("up", "--json", cwd=tmp_path, env={"CODEX_HOME": str(tmp_path / "file" / "codex")})
    assert (done.code, done.error["code"]) == (2, "config")
    assert "CODEX_HOME" in done.error["message"]
    assert not (tmp_path / ".orchestrator").exists()


def test_children_of_a_run_are_added_to_the_configuration(tmp_path: Path) -> None:
    paths = ProjectPaths(tmp_path)
    for name in ("backend", "mobile"):
        git_repo(tmp_path / name)
    add_children(paths, {"backend": tmp_path / "backend"})
    paths.config.write_text(paths.config.read_text() + "# mine\n")
    add_children(paths, {"backend": tmp_path / "backend", "mobile": tmp_path / "mobile"})
    assert [child.name for child in load(paths.config).children] == ["backend", "mobile"]
    assert "# mine" in paths.config.read_text()
    with pytest.raises(Refused, match="backend in the configuration"):
        add_children(paths, {"backend": tmp_path / "mobile"})
    drop_child(paths, "mobile")
    assert [child.name for child in load(paths.config).children] == ["backend"]


def test_down_without_a_controller_says_so(tmp_path: Path) -> None:
    assert tmuxorch("down", "--json", cwd=tmp_path).json == {"stopped": False}
