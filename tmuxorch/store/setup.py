"""Writing the first configuration, and adding children to one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tmuxorch.errors import Refused
from tmuxorch.store.atomic import PROJECT, digest, write_atomic
from tmuxorch.store.children import add_child, check_children, remove_child
from tmuxorch.store.config import Child, read
from tmuxorch.store.paths import ProjectPaths

TEMPLATE = """\
# tmuxorch: the repos that change together, and how they are worked on. Only `children` is needed.
# Keys that begin with `x-` are yours. Check this file with: tmuxorch config validate

# One entry per repo. Of a child all but name and path may be left out:
#   role: what it is to the others         docs: [files to read first]
#   tests: [commands that must pass]       build: [commands]
#   commit_policy, release_policy, hints: in words      human_checkpoints: [what only a person can do]
#   access: reference (it is read, and nobody writes in it)
#   endpoint: unix:///socket or ws://host:port of an App Server that runs already     token_env: VARIABLE
children:

# codex:
#   model: ""            # as in Codex's own configuration
#   home: ""             # another CODEX_HOME
# gates:
#   plan: ask            # auto: execute a valid plan without asking
#   dirty: ask           # proceed or worktree: how to work in a repo with uncommitted changes, without asking
# isolation: none        # worktree: items are worked on in a git worktree of each run
# commit: none           # item, run: commit what is proved, after each item or at the end of the run
# limits:
#   turns: 3             # agents that work at the same time
#   exec_workers: 8
#   attempts: 2          # turns on one item, those that mend it included, before you are asked
# timeouts:              # seconds
#   check: 600
#   read: 900            # a turn that only reads; one that takes longer is asked again in parts
# tmux:
#   socket_name: ""      # a tmux server of its own, apart from yours
# lead:                  # a lead that you talk to in its window
#   wake: true           # false: its next turn is never begun for it when what it waits for has happened
#   quiet: 5             # seconds without a key at a terminal that shows its window, before it is woken
# notify:                # how you are called when something waits for you; see also: tmuxorch mute
#   bell: true
#   osc: [9, 777]        # desktop notifications by your terminal, also over SSH; a terminal gets the one it knows
#   clients: server      # session: only at terminals that show this project
#   command: []          # a program that gets the text as its last argument: [notify-send, tmuxorch]
#   finished: false      # true: also when a run, a worker or a pattern has ended
#   mute: []             # children that nobody is called about; orchestrator is the lead
#   dwell: 1             # seconds that it has to wait before you are called
#   cooldown: 5          # seconds between two calls; what comes in between is named together
#   grace: 5             # seconds after a start in which you are not called
"""


def first_config(paths: ProjectPaths, children: Mapping[str, Path]) -> None:
    """Writes the configuration of a new project. Raises Refused if there is one, ConfigError if a child is no repo."""
    if paths.config.exists():
        raise Refused(f"{paths.config} exists already; it is left as it is", hint="tmuxorch config show")
    _write(paths, TEMPLATE, children, None)


def add_children(paths: ProjectPaths, children: Mapping[str, Path]) -> None:
    """Adds the children that the configuration does not have. Raises Refused if one has another path there."""
    if not paths.config.exists():
        return first_config(paths, children)
    raw = paths.config.read_bytes()
    known = {child.name: child for child in read(raw.decode(), str(paths.config)).children}
    for name, path in children.items():
        if name in known and known[name].directory(paths.project) != Path(os.path.realpath(path)):
            raise Refused(
                f"the child {name} is {known[name].path} in the configuration, not {path}",
                hint=f"tmuxorch child rm {name}",
            )
    missing = {name: path for name, path in children.items() if name not in known}
    if missing:
        _write(paths, raw.decode(), missing, digest(raw))
    return None


def attach_child(paths: ProjectPaths, name: str, path: Path, endpoint: str, token_env: str) -> None:
    """Adds a child whose App Server runs already; its repo may be on that server's machine alone. Raises Refused if
    there is a child of that name, ConfigError."""
    raw = paths.config.read_bytes() if paths.config.exists() else None
    place = _written(Path(os.path.abspath(path)), paths.project) if path.exists() else str(path)
    child = Child(name=name, path=place, endpoint=endpoint, token_env=token_env)
    text = add_child(raw.decode() if raw else TEMPLATE, child, str(paths.config))
    check_children(read(text, str(paths.config)), paths.project)
    write_atomic(paths.config, text.encode(), PROJECT, digest(raw) if raw else None)


def drop_child(paths: ProjectPaths, name: str) -> None:
    """Takes a child out of the configuration. Raises NotFound if it is not there."""
    raw = paths.config.read_bytes()
    text = remove_child(raw.decode(), name, str(paths.config))
    write_atomic(paths.config, text.encode(), PROJECT, digest(raw))


def _write(paths: ProjectPaths, text: str, children: Mapping[str, Path], expect: str | None) -> None:
    source = str(paths.config)
    for name, path in children.items():
        text = add_child(text, Child(name=name, path=_written(path, paths.project)), source)
    check_children(read(text, source), paths.project)
    write_atomic(paths.config, text.encode(), PROJECT, expect)


def _written(path: Path, project: Path) -> str:
    """Relative where both lie under one directory that is more than the root, so that they can move together."""
    shared = Path(os.path.commonpath([path, project]))
    return os.path.relpath(path, project) if len(shared.parts) > 2 else str(path)
