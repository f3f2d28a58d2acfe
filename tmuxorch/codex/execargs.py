"""The command lines of Codex that we use, each an argv. Prompts never go by argv: exec reads them from stdin.

Options as measured on 0.163 and 0.169. Directories are real paths: with a symbolic link as `-C`, Codex's
sandbox makes what it leads to read-only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Literal

Sandbox = Literal["read-only", "workspace-write", "danger-full-access"]

REMOTE = "--remote"  # of the options that we use, only the TUI has it
REMOTE_TOKEN = "--remote-auth-token-env"

# Without it a provider that refuses connections is tried for ever.
BOUNDED = ("--disable", "unbounded_connection_retries")

IN_PATTERNS = frozenset("*?[]")
"""What makes a path a pattern to Codex's permissions. It cannot be quoted, and a pattern cannot be opened."""

KEPT = (".git", ".agents", ".codex", ".aws")
"""What Codex keeps read-only in whatever is open. It tries so below a file too, and then no command runs at all, unless
these are named as open themselves."""

CWD = ":workspace_roots"
READ, WRITE = '"read"', '"write"'

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
    without: Iterable[str] = (),
    writable: Iterable[str | Path] | None = None,
    files: Iterable[str | Path] = (),
    tmp: str | Path | None = None,
) -> list[str]:
    """A worker. Its last message goes to the file `last_message` (delete an old one first), events to stdout.

    `untrusted`: see `untrusted_override`, left out where Codex enters nothing by itself; `home`: the CODEX_HOME that it
    is to have, see `unquotable`; `without`: options of `equipment.switched_off`; `sandbox`, `writable`, `files` and
    `tmp`: see `confined`.
    """
    writable, files = None if writable is None else tuple(writable), tuple(files)
    enters = sandbox == "danger-full-access" or (
        sandbox == "workspace-write" and _opens_all(cwd, writable, files)
    )
    return [
        *(str(binary), "exec", "--json", "-C", str(cwd)),
        *confined(sandbox, cwd=cwd, writable=writable, files=files, tmp=tmp),
        *_exec_options(last_message, schema, model, in_git, untrusted if enters else (), home),
        *without,
        "-",
    ]


def exec_resume(
    binary: str | Path,
    thread: str,
    *,
    cwd: str | Path = "",
    sandbox: Sandbox,
    last_message: str | Path,
    schema: str | Path | None = None,
    model: str | None = None,
    in_git: bool = True,
    untrusted: Iterable[str | Path] = (),
    home: str | Path = "",
    without: Iterable[str] = (),
    writable: Iterable[str | Path] | None = None,
    files: Iterable[str | Path] = (),
    tmp: str | Path | None = None,
) -> list[str]:
    """A worker's thread, continued; to be started in the thread's directory, since resume takes no -C.

    All else as for `exec_new`, but that a resume enters no directory as trusted: it needs no `untrusted`. What the
    thread was allowed before does not count.
    """
    return [
        *(str(binary), "exec", "resume", "--json"),
        *confined(sandbox, cwd=cwd, writable=writable, files=files, tmp=tmp),
        *_exec_options(last_message, schema, model, in_git, untrusted, home),
        *without,
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


def confined(
    sandbox: Sandbox,
    *,
    cwd: str | Path = "",
    writable: Iterable[str | Path] | None = None,
    files: Iterable[str | Path] = (),
    tmp: str | Path | None = None,
) -> list[str]:
    """Options of exec and resume that fix what a worker may write, whatever the user's or the repo's configuration
    says and the thread was allowed before. Commands, patches and sub-agents are held to it; MCP servers and hooks,
    which are the user's own, are not.

    "read-only": nothing but `tmp`. "workspace-write": the directories `writable` (None: the working directory), but
    for .git, .agents and .codex right in them, the single `files`, and `tmp`, or without one /tmp and $TMPDIR; no
    network. "danger-full-access": everything.

    Paths are absolute and real, and must exist: what is not there when a command starts, it cannot make. A file can be
    written but not removed or replaced (`sed -i` fails). Commands get `tmp` as their TMPDIR. A path that cannot be
    named (`IN_PATTERNS`) opens the nearest directory above it that can, at most `cwd`. Paths cost time before the first
    command: 20 directories or 10 files 2 s, 50 directories 6 s, 50 files 45 s.
    """
    if sandbox == "danger-full-access":
        return _permissions(":danger-full-access")
    # A reviewer that the user's configuration names, and the user's rules, could let commands out of the sandbox.
    held = ["-c", 'approval_policy="never"', "--ignore-rules"]
    if sandbox == "read-only" and tmp is None:
        return [*_permissions(":read-only"), *held]
    entries = {":root": READ} if sandbox == "read-only" else _entries(cwd, writable, files, tmp)
    if tmp is not None:
        entries[str(tmp)] = WRITE
    table = "{ " + ", ".join(f"{toml_text(path)} = {access}" for path, access in entries.items()) + " }"
    # Codex merges tables of one name, so it must be one that no configuration has.
    name = f"tmuxorch-{sha256(table.encode(errors='surrogateescape')).hexdigest()[:16]}"
    return [
        *_permissions(name),
        *("-c", f"permissions.{name}={{ filesystem = {table}, network = {{ enabled = false }} }}"),
        *(() if tmp is None else ("-c", f"shell_environment_policy.set.TMPDIR={toml_text(str(tmp))}")),
        *held,
    ]


def _permissions(profile: str) -> list[str]:
    """By `-s` or `sandbox_mode` the user's own roots would count too, and there are no paths."""
    return ["-c", f"default_permissions={toml_text(profile)}"]


def _entries(
    cwd: str | Path,
    writable: Iterable[str | Path] | None,
    files: Iterable[str | Path],
    tmp: str | Path | None,
) -> dict[str, str]:
    """What of the file system is open how, the paths and values in Codex's words."""
    files = [str(path) for path in files]
    directories = _directories(cwd, writable, files)
    single = [path for path in files if _named(path, cwd) == path and not _is_below(path, directories)]
    opened = [
        *sorted(directories - {CWD}),
        *single,
        *(f"{path}/{name}" for path in single for name in KEPT),
        *((":slash_tmp", ":tmpdir") if tmp is None else ()),
    ]
    whole = {CWD: f'{{ "." = {WRITE} }}'} if CWD in directories else {}
    return {":root": READ} | whole | dict.fromkeys(opened, WRITE)


def _directories(
    cwd: str | Path, writable: Iterable[str | Path] | None, files: Iterable[str | Path]
) -> set[str]:
    """The directories to open, without those that are below another."""
    wanted = {CWD} if writable is None else {_named(path, cwd) for path in writable}
    wanted |= {name for path in files if (name := _named(path, cwd)) != str(path)}
    return {path for path in wanted if not _is_below(path, wanted)}


def _named(path: str | Path, cwd: str | Path) -> str:
    """`path`, or if Codex would take that for a pattern, the directory above it that can be named."""
    whole = PurePath(path)
    named = next(place for place in (whole, *whole.parents) if not IN_PATTERNS & set(str(place)))
    return str(path) if named == whole else str(named) if named.is_relative_to(cwd) else CWD


def _is_below(path: str, directories: Iterable[str]) -> bool:
    return any(PurePath(directory) in PurePath(path).parents for directory in directories)


def _opens_all(cwd: str | Path, writable: Iterable[str | Path] | None, files: Iterable[str | Path]) -> bool:
    """Whether the working directory itself is open."""
    directories = _directories(cwd, writable, files)
    return bool({CWD, str(cwd)} & directories) or _is_below(str(cwd), directories)


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


def app_server(
    binary: str | Path, socket: str | Path, *, home: str | Path = "", without: Iterable[str] = ()
) -> list[str]:
    """A server on a Unix socket, with the plan, question and permission tools on; config.toml stays as
    it is. `home`, `without`: as for `exec_new`."""
    return [
        *(str(binary), "app-server", "--listen", f"unix://{socket}"),
        *("-c", "tools.update_plan.enabled=true"),
        *("-c", "features.default_mode_request_user_input=true"),
        *("-c", "features.request_permissions_tool=true"),
        *("-c", "suppress_unstable_features_warning=true"),
        *without,
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
