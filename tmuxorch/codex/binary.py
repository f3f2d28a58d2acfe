"""Where the real Codex is, whether it is new enough and whether somebody is logged in.

Only looks at files. Who wants the version runs `version_argv` and gives the output to `checked_version`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from tmuxorch.errors import ToolMissing

MINIMUM = (0, 163, 0)

HOW_TO_GET = (
    "pip install 'tmuxorch[codex]'   (or put codex on PATH, or name it as codex.bin in the configuration)"
)

Version = tuple[int, int, int]


class Login(StrEnum):
    """What can be said of the login without asking the account's server."""

    FILE = "file"  # auth.json is there
    KEY = "key"  # an API key is in the environment
    UNKNOWN = "unknown"  # neither; a keyring or a model provider of the user's own may still make it work


def find(configured: str | None = None) -> Path:
    """The absolute path of the Codex binary: the configured one, else the one of the `codex` extra, else of
    PATH.

    ToolMissing when there is none, or when the configured one is no executable file.
    """
    if configured:
        path = shutil.which(os.path.expanduser(configured))
        if path is None:
            raise ToolMissing(f"codex.bin is {configured!r}, which is no executable file", hint=HOW_TO_GET)
        return Path(path).absolute()
    if bundled := _bundled():
        return bundled
    if path := shutil.which("codex"):
        return Path(path).absolute()
    raise ToolMissing("Codex is neither installed with tmuxorch nor on PATH", hint=HOW_TO_GET)


def _bundled() -> Path | None:
    """The binary of the package `openai-codex-cli-bin`, if it is installed (with this platform's binary
    in it)."""
    try:
        package = import_module("codex_cli_bin")  # late: not everybody has it, and it costs 10 ms
        return Path(package.bundled_codex_path())
    except (ImportError, OSError):
        return None


def version_argv(binary: Path) -> list[str]:
    return [str(binary), "--version"]


def parse_version(text: str) -> Version:
    """The version in `codex-cli 0.163.0`, in a user agent (`name/0.169.0 (Debian …)`) or alone;
    ToolMissing if none."""
    found = re.search(r"(?<![\d.])(\d+)\.(\d+)\.(\d+)", text)
    if found is None:
        raise ToolMissing(f"no version of Codex in {text.strip()[:80]!r}", hint=HOW_TO_GET)
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch)


def checked_version(text: str) -> Version:
    """As `parse_version`; ToolMissing also if it is older than `MINIMUM`."""
    version = parse_version(text)
    if version < MINIMUM:
        raise ToolMissing(f"Codex {dotted(version)} is too old: {dotted(MINIMUM)} is needed", hint=HOW_TO_GET)
    return version


def dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)


def codex_home(environment: Mapping[str, str]) -> Path:
    """Where Codex keeps its configuration and its login for a process with this environment."""
    return Path(environment.get("CODEX_HOME") or Path(environment.get("HOME", "~"), ".codex")).expanduser()


def with_advice(reason: str) -> str:
    """Codex's reason for a failure; where nobody is logged in (or no longer), also what to do about it."""
    return f"{reason} · to log in: codex login" if "401 Unauthorized" in reason else reason


def login_state(environment: Mapping[str, str]) -> Login:
    """Whether an agent started with this environment has a login that can be seen."""
    if (codex_home(environment) / "auth.json").is_file():
        return Login.FILE
    if environment.get("CODEX_API_KEY") or environment.get("OPENAI_API_KEY"):
        return Login.KEY
    return Login.UNKNOWN
