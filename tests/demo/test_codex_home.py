"""The private CODEX_HOME is valid TOML whatever the paths are, and private."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tmuxorch.demo import codex_home


def test_hostile_paths_and_modes(tmp_path: Path) -> None:
    hostile = tmp_path / 'a "quoted" \\ #{x} ünïcode\t\x7f'
    environment = codex_home.make(tmp_path / "home", "http://127.0.0.1:1/v1", [hostile])
    config = tmp_path / "home" / "config.toml"
    assert environment["CODEX_HOME"] == str(tmp_path / "home")
    assert tomllib.loads(config.read_text())["projects"] == {str(hostile): {"trust_level": "trusted"}}
    assert (config.parent.stat().st_mode & 0o777, config.stat().st_mode & 0o777) == (0o700, 0o600)


def test_making_it_again_follows_the_model(tmp_path: Path) -> None:
    for port in (1, 2):
        codex_home.make(tmp_path, f"http://127.0.0.1:{port}/v1")
    provider = tomllib.loads((tmp_path / "config.toml").read_text())["model_providers"]["scripted"]
    assert provider["base_url"] == "http://127.0.0.1:2/v1"
