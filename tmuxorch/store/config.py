"""orchestrator.config.yaml: what it may hold.

Reading is strict: an unknown key is an error that names the nearest known one, and nothing is converted silently.
Keys that begin with `x-` are free at any level, and a key without a value is as if it were left out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml
from msgspec import Meta, Struct, field

from tmuxorch.codex import endpoint
from tmuxorch.errors import ConfigError, UsageError
from tmuxorch.store.strict_yaml import CHECK, parse

Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[int, Meta(ge=1)]
Moment = Annotated[int, Meta(ge=0, le=86400)]
"""Seconds, none too."""

RESERVED_NAMES = ("orchestrator", "human")
"""Owners of plan items that are no children."""


class _Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Child(_Strict, frozen=True):
    """One repo. `path` as written: relative to the project, `~` allowed; `directory` resolves it.

    With `access: reference` it is read and never written. `endpoint` (unix://… or ws://…) is an App Server that
    runs already, `token_env` the environment variable that holds its bearer token.
    """

    name: str
    path: Text
    role: str = ""
    docs: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    endpoint: str = ""
    token_env: str = ""
    access: Literal["", "write", "reference"] = ""
    commit_policy: str = ""
    release_policy: str = ""
    human_checkpoints: tuple[str, ...] = ()
    hints: str = ""

    def directory(self, project: Path) -> Path:
        return Path(os.path.realpath(project / os.path.expanduser(self.path)))

    @property
    def address(self) -> str:
        """The endpoint, whole; empty when its App Server is started by us."""
        return str(endpoint.parse(self.endpoint)) if self.endpoint else ""


class Codex(_Strict, frozen=True):
    """Which Codex, which CODEX_HOME, which model; empty: the one that would be used without us."""

    bin: str = ""
    home: str = ""
    model: str = ""


class Tmux(_Strict, frozen=True):
    """`socket_name` puts the session on a server of its own; without `session` it has the project's name."""

    socket_name: str = ""
    session: str = ""


class Limits(_Strict, frozen=True):
    """How many at once, and how often again. `attempts`: turns on one item, those that mend it included, before a human
    is asked. `retries`: how often a worker that failed by what may pass (an overloaded provider, a cut line) is tried
    again.
    """

    turns: Count = 3
    exec_workers: Count = 8
    attempts: Count = 2
    plan_repairs: Annotated[int, Meta(ge=0)] = 3
    retries: Annotated[int, Meta(ge=0)] = 2


class Workers(_Strict, frozen=True):
    """`allow_full`: whether `exec --scope full` may run a worker without any sandbox, unasked. `hook`: a command (argv)
    that is run for each worker that has ended.
    """

    allow_full: bool = False
    hook: tuple[str, ...] = ()


class Gates(_Strict, frozen=True):
    """Where a human is asked. `dirty`: what to do where a repo that is to be worked in has uncommitted changes."""

    plan: Literal["ask", "auto"] = "ask"
    dirty: Literal["ask", "proceed", "worktree"] = "ask"


class Windows(_Strict, frozen=True):
    """`views`: which windows `up` opens beside those of agents. `keep_finished`: how many windows of what has ended
    stay open.
    """

    views: tuple[Literal["overview", "checkpoints", "controller"], ...] = (
        "overview",
        "checkpoints",
        "controller",
    )

    keep_finished: Annotated[int, Meta(ge=0)] = 20


class Timeouts(_Strict, frozen=True):
    """In seconds: a check; a turn that only reads (it is asked again in smaller parts); how long a worker may be silent
    before a human is told; how long a failed worker waits before it is tried again, twice as long each next time.
    """

    check: Seconds = 600
    read: Seconds = 900
    stall: Seconds = 600
    retry: Seconds = 5


class Notify(_Strict, frozen=True):
    """How to call a human: a command (argv), the bell, desktop notifications of the terminal (`osc`), at the terminals
    of the whole tmux `server` or of our `session` alone.

    In seconds: how long a checkpoint has to stay open before anybody is called (`dwell`), between two calls
    (`cooldown`), at the start of a controller (`grace`). `finished`: also when something ends. `mute`: the children
    (or the lead) about whom nobody is called.
    """

    command: tuple[str, ...] = ()
    bell: bool = True
    osc: tuple[Literal[9, 777], ...] = (9, 777)
    clients: Literal["server", "session"] = "server"
    dwell: Moment = 1
    cooldown: Moment = 5
    grace: Moment = 5
    finished: bool = False
    mute: tuple[str, ...] = ()


class Lead(_Strict, frozen=True):
    """The lead that people talk to. `wake`: whether its next turn is begun for it when what it waits for has happened
    while it is idle; not in the first `quiet` seconds after somebody has typed to it.
    """

    wake: bool = True
    quiet: Moment = 5


class Config(_Strict, frozen=True):
    """All of orchestrator.config.yaml; every key may be left out.

    `isolation`: items are worked on in the repos themselves, or in a git worktree of each run. `commit`: when
    tmuxorch commits what an item changed: never, after the item's checks, or at the end of the run.
    """

    children: tuple[Child, ...] = ()
    codex: Codex = field(default_factory=Codex)
    tmux: Tmux = field(default_factory=Tmux)
    limits: Limits = field(default_factory=Limits)
    workers: Workers = field(default_factory=Workers)
    gates: Gates = field(default_factory=Gates)
    isolation: Literal["none", "worktree"] = "none"
    commit: Literal["none", "item", "run"] = "none"
    windows: Windows = field(default_factory=Windows)
    timeouts: Timeouts = field(default_factory=Timeouts)
    notify: Notify = field(default_factory=Notify)
    lead: Lead = field(default_factory=Lead)

    def child(self, name: str) -> Child | None:
        return next((child for child in self.children if child.name == name), None)


def load(path: Path) -> Config:
    """The configuration in a file; all defaults if there is none. Raises ConfigError naming file, line and key."""
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return Config()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 (byte {error.start})", hint=CHECK) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint=CHECK) from error
    return read(text, str(path))


def read(text: str, source: str) -> Config:
    """As `load`, from text; `source` is its name in errors."""
    config = parse(text, Config, source)
    names = [child.name for child in config.children]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
            problem = f"{source}: {name!r} cannot be a child's name: 1 to 40 of A-Z a-z 0-9 _ - can"
            raise ConfigError(problem, hint=CHECK)
        if name in RESERVED_NAMES:
            problem = f"{source}: a child cannot be named {name}: in plans, that is an owner"
            raise ConfigError(problem, hint=CHECK)
        if names.count(name) > 1:
            raise ConfigError(
                f"{source}: two children are named {name}", hint="give each child a name of its own"
            )
    for child in config.children:
        _check_endpoint(child, source)
    return config


def _check_endpoint(child: Child, source: str) -> None:
    try:
        if child.endpoint:
            endpoint.parse(child.endpoint)
        if child.token_env:
            endpoint.check_token(child.endpoint, child.token_env)
    except UsageError as error:
        problem = f"{source}: the endpoint of child {child.name}: {error.message}"
        raise ConfigError(problem, hint=error.hint) from None


def render(config: Config) -> str:
    """All of a configuration as YAML, defaults included: what is in force."""
    sections = {name: _builtins(getattr(config, name)) for name in Config.__struct_fields__}
    text: str = yaml.safe_dump(sections, sort_keys=False, allow_unicode=True, width=110)
    return text


def _builtins(value: Struct | tuple[Struct, ...] | str) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [msgspec.to_builtins(each) for each in value]
    return {name: msgspec.to_builtins(getattr(value, name)) for name in value.__struct_fields__}
