"""`tmuxorch skill`: both things or none, nothing of a person's lost, and no trace once it is taken away."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tmuxorch.errors import ChangedMeanwhile
from tmuxorch.skill import files
from tmuxorch.skill.changes import Change, carry_out
from tmuxorch.skill.entry import entry, program
from tmuxorch.store.atomic import digest

CONFIG = b'# mine\r\nmodel = "m"\r\n\r\n[tui]\r\nnotifications = true # yes'


def everything(*places: Path) -> dict[str, object]:
    """All that is there: modes, contents, where links lead."""
    found = [path for place in places for path in (place, *place.rglob("*"))]
    return {
        str(path): (
            oct(path.lstat().st_mode),
            os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None,
        )
        for path in found
    }


def skill_of(place: Path) -> Path:
    return place / ".agents" / "skills" / "tmuxorch"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The project's configuration of Codex, with something in it."""
    path = tmp_path / ".codex" / "config.toml"
    path.parent.mkdir()
    path.write_bytes(CONFIG)
    return path


@pytest.mark.parametrize("scope", ["--user", "--project"])
@pytest.mark.parametrize("before", ["none", "empty", "some", "link"])
def test_both_are_there_and_then_are_gone_without_a_trace(
    run: Run, home: Path, tmp_path: Path, scope: str, before: str
) -> None:
    place, codex = (home, home / "codex") if scope == "--user" else (tmp_path, tmp_path / ".codex")
    if before != "none":
        codex.mkdir(exist_ok=True)
        target = tmp_path / "dotfiles.toml" if before == "link" else codex / "config.toml"
        target.write_bytes(b"" if before == "empty" else CONFIG)
        target.chmod(0o640)
        if before == "link":
            (codex / "config.toml").symlink_to(target)
    as_it_was = everything(home, tmp_path)

    done = run("skill", "install", scope)
    assert done.code == 0
    shown = {path for path in everything(home, tmp_path) if Path(path).is_file()}
    wrote = {line.split()[1] for line in done.out.splitlines()}
    assert (
        wrote
        == {
            str(skill_of(place) / "SKILL.md"),
            str(skill_of(place) / "agents" / "openai.yaml"),
            str(skill_of(place) / "installed.json"),
            str(codex / "config.toml"),
        }
        <= shown
    )
    assert (codex / "config.toml").read_bytes().startswith(CONFIG if before in ("some", "link") else b"[")
    if before == "none" and scope == "--user":
        assert (codex / "config.toml").stat().st_mode & 0o777 == 0o600
    installed = everything(home, tmp_path)
    again = run("skill", "install", scope, "--json").json
    assert (again["wrote"], again["removed"]) == ([], [])
    assert again["entry"] == entry(program(), None if scope == "--user" else tmp_path)
    assert everything(home, tmp_path) == installed

    assert run("skill", "uninstall", scope).code == 0
    assert everything(home, tmp_path) == as_it_was
    assert "nothing to do" in run("skill", "uninstall", scope).out
    assert everything(home, tmp_path) == as_it_was


def test_an_older_version_is_replaced(run: Run, tmp_path: Path) -> None:
    assert run("skill", "install", "--project").code == 0
    now = everything(tmp_path)
    directory = skill_of(tmp_path)
    older = {"SKILL.md": b"older", "agents/openai.yaml": b"older", "gone.md": b"older"}
    for name, data in older.items():
        (directory / name).write_bytes(data)
    known = json.loads((directory / "installed.json").read_bytes())
    known |= {
        "version": "0.0.1",
        "files": dict.fromkeys(older, digest(b"older")),
        "entry": {"command": "old"},
    }
    (directory / "installed.json").write_text(json.dumps(known))
    config = tmp_path / ".codex" / "config.toml"
    config.write_text('[mcp_servers.tmuxorch]\ncommand = "old"\n')
    assert run("skill", "install", "--project").code == 0
    assert everything(tmp_path) == now


@pytest.mark.parametrize("verb", ["install", "uninstall"])
@pytest.mark.parametrize("edited", ["skill", "foreign skill", "entry", "foreign entry", "TOML"])
def test_what_a_person_wrote_is_lost_only_by_force(
    run: Run, tmp_path: Path, config: Path, edited: str, verb: str
) -> None:
    foreign = edited.startswith("foreign")
    if not foreign:
        assert run("skill", "install", "--project").code == 0
    if edited.endswith("skill"):
        skill_of(tmp_path).mkdir(parents=True, exist_ok=True)
        (skill_of(tmp_path) / "SKILL.md").write_text("mine")
    else:
        config.write_bytes(config.read_bytes() + b"\r\n[mcp_servers.tmuxorch]\r\nenabled=1" * foreign)
        if not foreign:
            text = config.read_text().replace("startup_timeout_sec = 20", "startup_timeout_sec = 99")
            config.write_text(text + "=" * (edited == "TOML"), newline="\r\n")
    before = everything(tmp_path)
    refused = run("skill", verb, "--project", "--json")
    assert everything(tmp_path) == before
    if edited == "TOML":
        assert (refused.code, refused.error["code"]) == (2, "config")
        assert refused.error["message"].startswith(f"{config}:")
        return
    assert (refused.code, refused.error["code"]) == (3, "refused")
    assert (
        str(config if edited.endswith("entry") else skill_of(tmp_path) / "SKILL.md")
        in refused.error["message"]
    )
    assert f"skill {verb} --project --force" in refused.error["hint"]
    assert run("skill", verb, "--project", "--force").code == 0
    if verb == "install":
        assert run("skill", "uninstall", "--project").code == 0
    assert config.read_bytes().removesuffix(b"\r\n") == CONFIG
    assert not (skill_of(tmp_path) / "SKILL.md").exists()


def test_what_others_put_there_later_stays(run: Run, tmp_path: Path, config: Path) -> None:
    assert run("skill", "install", "--project").code == 0
    note, other = (
        skill_of(tmp_path) / "agents" / "notes.md",
        skill_of(tmp_path).with_name("other") / "SKILL.md",
    )
    other.parent.mkdir()
    note.write_text("mine")
    other.write_text("mine")
    config.write_bytes(b"top = 1\r\n" + config.read_bytes() + b"\r\n# last")
    assert run("skill", "uninstall", "--project").code == 0
    assert config.read_bytes() == b"top = 1\r\n" + CONFIG + b"\r\n# last"
    assert [path for path in (tmp_path / ".agents").rglob("*") if path.is_file()] == [other, note]


def test_who_wrote_the_record_cannot_name_other_files(run: Run, tmp_path: Path) -> None:
    assert run("skill", "install", "--project").code == 0
    away = tmp_path / "precious"
    away.write_text("x")
    (tmp_path / "empty").mkdir()
    record = skill_of(tmp_path) / "installed.json"
    known = json.loads(record.read_bytes())
    known["files"] |= {"../../../precious": digest(b"x"), str(away): digest(b"x")}
    known["made"] += ["../../../empty", "../../../precious"]
    record.write_text(json.dumps(known))
    assert run("skill", "uninstall", "--project", "--force").code == 0
    assert (away.read_text(), (tmp_path / "empty").is_dir()) == ("x", True)


def test_where_tmuxorch_has_its_skill_only_the_entry_is_written(run: Run, tmp_path: Path) -> None:
    own = everything(files.OWN)
    skill_of(tmp_path).parent.mkdir(parents=True)
    skill_of(tmp_path).symlink_to(files.OWN)
    assert run("skill", "install", "--project", "--json").json["wrote"] == [
        str(tmp_path / ".codex" / "config.toml")
    ]
    assert run("skill", "uninstall", "--project").code == 0
    assert skill_of(tmp_path).is_symlink()
    assert everything(files.OWN) == own


def test_of_several_changes_all_are_made_or_none(tmp_path: Path) -> None:
    there, new, gone = (tmp_path / name for name in ("there", "new/deep/file", "gone"))
    there.write_bytes(b"1")
    gone.write_bytes(b"3")
    before = everything(tmp_path)
    with pytest.raises(ChangedMeanwhile):
        carry_out(
            [
                Change(path=gone, before=b"3", after=None),
                Change(path=new, before=None, after=b"2"),
                Change(path=there, before=b"another", after=b"2"),
            ]
        )
    assert everything(tmp_path) == before


def test_the_project_is_meant_in_one_and_the_user_elsewhere(run: Run, tmp_path: Path) -> None:
    assert run("skill", "install", "--json").json["scope"] == "user"
    assert run("skill", "install", "--json", "-C", tmp_path).json["scope"] == "project"
    (tmp_path / "orchestrator.config.yaml").write_text("children: []\n")
    assert run("skill", "uninstall", "--json").json["scope"] == "project"


def test_a_directory_that_is_not_trusted_is_told(run: Run, home: Path, tmp_path: Path) -> None:
    said = f'[projects."{tmp_path}"]\ntrust_level = "trusted"\n'
    for other in ("", said.replace('"trusted"', '"untrusted"'), said.replace(str(tmp_path), str(home))):
        (home / "codex" / "config.toml").write_text(other)
        assert f"codex -C {tmp_path}" in run("skill", "install", "--project").err
    (home / "codex" / "config.toml").write_text(said)
    assert "trust" not in run("skill", "install", "--project").err
    assert run("skill", "install", "--project", "--json").json["trusted"] is True
    assert (home / "codex" / "config.toml").read_text() == said
