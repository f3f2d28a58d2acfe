"""What each process is: its host directory, its command line, its window. One function per kind."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tmuxorch.codex import equipment, execargs
from tmuxorch.controller import orders
from tmuxorch.core import model as m
from tmuxorch.core.messages import job_id, job_ref, server_ref
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import agent_window, check_window, worker_window
from tmuxorch.skill.entry import NAME
from tmuxorch.store.paths import ProjectPaths

SANDBOXES: Mapping[str, execargs.Sandbox] = {
    "read-only": "read-only",
    "edit": "workspace-write",
    "full": "danger-full-access",
}

DIRECTORIES, FILES = 20, 10
"""Paths that a worker's sandbox opens one by one; each costs it time before its first command. Of more, the directory
that they are all in is opened."""

SHOWN = 1_000_000
"""Bytes of a check's output that its window shows: the beginning and the end. The whole is in output.log."""


class Process(Struct, frozen=True, kw_only=True):
    """One process and where it lives: `spec` is its host's spec.json, `output` what a viewer shows of it."""

    ref: str
    key: str
    window: str
    cwd: str
    directory: Path
    spec: dict[str, object]
    output: Path


class Kit(Struct, frozen=True, kw_only=True):
    """What specs need to know of the installation: where Codex is, and its home."""

    paths: ProjectPaths
    codex: Path
    codex_home: Path
    check_timeout: float


def find(kit: Kit, state: m.State, ref: str) -> Process:
    """The process `ref` (W7, W7.2 for its second try, K3, backend#2)."""
    name, _, generation = ref.partition("#")
    if generation:
        tools = name == LEAD and state.lead.open
        return server(kit, state.agents[name], int(generation), tools)
    job = job_id(ref)
    return worker(kit, state.workers[job]) if job in state.workers else check(kit, state.checks[job])


def directory(kit: Kit, state: m.State, ref: str) -> Path:
    """The host directory of the process `ref`. Reads no file, and so may be asked for at every step."""
    name, _, generation = ref.partition("#")
    if generation:
        return kit.paths.server(name, int(generation))
    job = job_id(ref)
    return (
        kit.paths.attempt(job, state.workers[job].attempt) if job in state.workers else kit.paths.check(job)
    )


def server(kit: Kit, agent: m.Agent, generation: int, tools: bool = False) -> Process:
    """An agent's App Server; with our `tools` that of the lead while it is open."""
    directory = kit.paths.server(agent.name, generation)
    spec: dict[str, object] = {
        "argv": execargs.app_server(
            kit.codex,
            kit.paths.app_socket(agent.name),
            home=kit.codex_home,
            without=[] if tools else _without_us(kit, agent.path),
        ),
        "cwd": agent.path,
        "stdin": None,
        "stdout": "server.log",
        "stderr": "server.log",
        "view": "log",
        "title": f"codex app-server of {agent.name}",
        "grace": [1.0, 1.0],
    }
    return Process(
        ref=server_ref(agent.name, generation),
        key=agent.name,
        window=agent_window(agent.name),
        cwd=agent.path,
        directory=directory,
        spec=spec,
        output=kit.paths.frames(agent.name),
    )


def home_of(kit: Kit, agent: m.Agent) -> Path:
    """Where programs that only look at an agent run: its repo, if that is on this machine."""
    place = Path(agent.path)
    return place if place.is_dir() else kit.paths.project


def worker(kit: Kit, one: m.Worker) -> Process:
    """The newest try of a worker: a `codex exec`, its prompt from prompt.md."""
    directory, spec = kit.paths.attempt(one.id, one.attempt), one.spec
    repair = one.kind is m.Kind.REPAIR
    thread = one.thread if repair else spec.resume
    sandbox = "read-only" if repair else SANDBOXES[spec.scope]
    root = git_root(one.cwd)
    options = {
        "cwd": one.cwd,
        "sandbox": sandbox,
        **({} if repair else _openings(one, directory)),
        "last_message": directory / "last_message.md",
        "schema": kit.paths.worker(one.id) / spec.schema if spec.schema else None,
        "model": spec.model or None,
        "in_git": False,  # Codex's own check of that is for people at a prompt; the sandbox is ours to choose
        "untrusted": _untrusted(kit, one.cwd, root) if sandbox != "read-only" and not thread else [],
        "home": kit.codex_home,
        "without": _without_us(kit, one.cwd),
    }
    argv = (
        execargs.exec_resume(kit.codex, thread, **options)  # type: ignore[arg-type]
        if thread
        else execargs.exec_new(kit.codex, **options)  # type: ignore[arg-type]
    )
    tries = f", try {one.attempt}" if one.attempt > 1 else ""
    host: dict[str, object] = {
        "argv": argv,
        "cwd": one.cwd,
        "stdin": "prompt.md",
        "stdout": "events.jsonl",
        "stderr": "stderr.log",
        "view": "exec",
        "title": f"{one.id} {spec.label} ({spec.role}, {spec.scope}{tries})",
        "grace": [1.0, 1.0],
        "timeout": spec.timeout or None,
        "fresh": ["last_message.md"],
    }
    return Process(
        ref=job_ref(one),
        key=one.id,
        window=worker_window(one),
        cwd=one.cwd,
        directory=directory,
        spec=host,
        output=directory / "events.jsonl",
    )


def _openings(one: m.Worker, directory: Path) -> dict[str, object]:
    """What a try may write, for execargs.confined: its leased paths, and a temporary directory of its own. What is not
    there yet can only be made in the directory in which it is to be; git tells afterwards what else was made there.
    """
    opened: dict[str, object] = (
        {"tmp": orders.scratch(directory)} if one.spec.edits or one.spec.scratch else {}
    )
    if one.spec.scope != "edit" or one.cwd in one.spec.lease:
        return opened
    there = [_nearest(path, one.cwd) for path in one.spec.lease]
    files = [path for path in there if not os.path.isdir(path)]
    directories = [path for path in there if path not in files]
    if len(directories) > DIRECTORIES or len(files) > FILES:
        common = os.path.commonpath([*directories, *map(os.path.dirname, files)])
        directories, files = [common], []
    return {**opened, "writable": directories, "files": files}


def _nearest(path: str, top: str) -> str:
    """`path`, or the nearest directory above it that is there, at most `top`."""
    while not os.path.lexists(path) and len(path) > len(top):
        path = os.path.dirname(path)
    return path


def check(kit: Kit, one: m.Check) -> Process:
    """A verification command in Codex's own sandbox: no network, nothing writable but the repo and /tmp."""
    directory = kit.paths.check(one.id)
    spec: dict[str, object] = {
        "argv": execargs.sandboxed(kit.codex, one.command, cwd=one.cwd),
        "cwd": one.cwd,
        "stdin": None,
        "stdout": "output.log",
        "stderr": "output.log",
        "view": "log",
        "title": f"{one.id} check {one.label} of {one.child}: {one.command}",
        "grace": [0.5, 1.0],
        "timeout": kit.check_timeout,
        "shown": SHOWN,
    }
    return Process(
        ref=one.id,
        key=one.id,
        window=check_window(one),
        cwd=one.cwd,
        directory=directory,
        spec=spec,
        output=directory / "output.log",
    )


def git_root(directory: str) -> str | None:
    """The nearest directory from `directory` upwards that git calls a work tree, by its `.git`."""
    place = Path(os.path.realpath(directory))
    return next((str(one) for one in (place, *place.parents) if _is_repo(one / ".git")), None)


def _is_repo(git: Path) -> bool:
    """Whether it is one: a file that leads to it, or a directory with a HEAD (Codex's sandbox leaves empty ones)."""
    return git.is_file() or (git / "HEAD").exists()


def _untrusted(kit: Kit, cwd: str, root: str | None) -> list[str]:
    return execargs.undecided(_text(kit.codex_home / "config.toml"), os.path.realpath(cwd), root)


def _without_us(kit: Kit, cwd: str) -> list[str]:
    """What keeps our own MCP server, which leads, from who is led, where the user or the project has it in Codex's
    configuration."""
    place = Path(os.path.realpath(cwd))
    root = git_root(cwd)
    places = [place, *(one for one in place.parents if root and one.is_relative_to(root))]
    files = (kit.codex_home, *(one / ".codex" for one in places))
    return equipment.switched_off(NAME, (_text(one / "config.toml") for one in files))


def _text(file: Path) -> str:
    """What is in a file, nothing if it cannot be read."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
