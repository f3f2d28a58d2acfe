"""The command lines of Codex that we use, each an argv. Prompts never go by argv: exec reads them from stdin.

Options as measured on 0.163 and 0.169. Directories are real paths: with a symbolic link as `-C`, Codex's
sandbox makes what it leads to read-only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

Sandbox = Literal["read-only", "workspace-write", "danger-full-access"]

REMOTE = "--remote"  # of the options that we use, only the TUI has it
REMOTE_TOKEN = "--remote-auth-token-env"

# Without it a provider that refuses connections is tried for ever.
BOUNDED = ("--disable", "unbounded_connection_retries")

IN_QUOTES = frozenset('"$`\\')
"""What a shell acts on between double quotes."""


def exec_new(
    binary: str | Path,
    *,
    cwd: str | Path,
    sandbox: Sandbox,
    last_message: str | Path,
    schema: str | Path | None = None,
    model: str | None = None,
    in_git: bool = True,
    untrusted: Iterable[str | Path] = (),
    home: str | Path = "",
) -> list[str]:
    """A worker. Its last message goes to the file `last_message` (delete an old one first), events to stdout.

    `untrusted`: see `untrusted_override`; `home`: the CODEX_HOME that it is to have, see `unquotable`.
    """
    return [
        *(str(binary), "exec", "--json", "-s", sandbox, "-C", str(cwd)),
        *_exec_options(last_message, schema, model, in_git, untrusted, home),
        "-",
    ]


def exec_resume(
    binary: str | Path,
    thread: str,
    *,
    sandbox: Sandbox,
    last_message: str | Path,
    schema: str | Path | None = None,
    model: str | None = None,
    in_git: bool = True,
    untrusted: Iterable[str | Path] = (),
    home: str | Path = "",
) -> list[str]:
    """A worker's thread, continued; to be started in the thread's directory, since resume takes neither
    -C nor -s."""
    return [
        *(str(binary), "exec", "resume", "--json", "-c", f"sandbox_mode={toml_text(sandbox)}"),
        *_exec_options(last_message, schema, model, in_git, untrusted, home),
        *(thread, "-"),
    ]


def _exec_options(
    last_message: str | Path,
    schema: str | Path | None,
    model: str | None,
    in_git: bool,
    untrusted: Iterable[str | Path],
    home: str | Path,
) -> list[str]:
    return [
        *("-o", str(last_message)),
        *(("--output-schema", str(schema)) if schema else ()),
        *(("-m", model) if model else ()),
        *(() if in_git else ("--skip-git-repo-check",)),
        *untrusted_override(untrusted),
        *unquotable(home),
        *BOUNDED,
    ]


def unquotable(home: str | Path) -> list[str]:
    """Options that keep Codex from handing parts of `home`, its CODEX_HOME, to a shell.

    Before its first command it has a shell read `. "HOME/shell_snapshots/…"` with the path as it is (measured on
    0.163): with `$(…)` or a quote in the path, that runs what is in it. Without snapshots nothing of the kind is done.
    """
    return ["--disable", "shell_snapshot"] if IN_QUOTES & set(str(home)) else []


def untrusted_override(directories: Iterable[str | Path]) -> list[str]:
    """Options that keep a writing exec from entering these directories as trusted in the user's config.toml.

    0.163 does so by itself for a directory (or its git root) that the configuration says nothing of, and
    from then on loads the repo's own `.codex` configuration, unasked. An override with "untrusted" is the
    only thing that stops it; its price is that Codex leaves the repo's AGENTS.md out, hence the worker
    preamble says to read it. Give it only what `undecided` names: the user's own decisions stay.
    """
    entries = ", ".join(f'{toml_text(str(path))} = {{ trust_level = "untrusted" }}' for path in directories)
    return ["-c", f"projects={{ {entries} }}"] if entries else []


def undecided(config_toml: str, cwd: str, git_root: str | None) -> list[str]:
    """What to give as `untrusted` for a worker in `cwd`: nothing if the user's config.toml has an entry for
    it.

    A file that cannot be read as TOML decides nothing (Codex itself will refuse it in words of its own).
    """
    try:
        projects = tomllib.loads(config_toml).get("projects", {})
    except tomllib.TOMLDecodeError:
        return []
    decided = isinstance(projects, dict) and any(
        isinstance(entry, dict) and "trust_level" in entry
        for entry in (projects.get(cwd), projects.get(git_root or cwd))
    )
    return [] if decided else [git_root or cwd]


def app_server(binary: str | Path, socket: str | Path, *, home: str | Path = "") -> list[str]:
    """A server on a Unix socket, with the plan, question and permission tools on; config.toml stays as
    it is. `home`: as for `exec_new`."""
    return [
        *(str(binary), "app-server", "--listen", f"unix://{socket}"),
        *("-c", "tools.update_plan.enabled=true"),
        *("-c", "features.default_mode_request_user_input=true"),
        *("-c", "features.request_permissions_tool=true"),
        *("-c", "suppress_unstable_features_warning=true"),
        *unquotable(home),
        *BOUNDED,
    ]


def sandboxed(binary: str | Path, command: str, *, cwd: str | Path) -> list[str]:
    """A shell command in Codex's own sandbox: `cwd` (but for .git) and the temporary directories are
    writable, there is no network, and no Unix socket can be connected to.

    By Codex's built-in profile, since `sandbox_mode` would take over what the user's config.toml loosens.
    """
    return [str(binary), "sandbox", "-P", ":workspace", "-C", str(cwd), "--", "sh", "-c", command]


def tui(binary: str | Path, endpoint: str, thread: str, token_env: str = "") -> list[str]:
    """Codex's own terminal interface on a thread of the server at `endpoint`; the token, if it wants one, is in the
    environment variable `token_env`."""
    token = [REMOTE_TOKEN, token_env] if token_env else []
    return [str(binary), "resume", REMOTE, endpoint, *token, thread]


def toml_text(text: str) -> str:
    """`text` as a TOML basic string."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in quoted) + '"'
