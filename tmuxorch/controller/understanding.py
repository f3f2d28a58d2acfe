"""What a child is told before there is a plan: its questions, with what the tool has read of its repo on each."""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec import json
from msgspec.structs import asdict

from tmuxorch.codex import appserver, understand
from tmuxorch.codex.visible import visible, visible_line
from tmuxorch.controller import git
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.brief import commands
from tmuxorch.core.decide.discovery import left_out
from tmuxorch.store import repo_facts

CHANGED = 30
"""Changed paths that are told; a child can look for more by itself."""


async def discover(run: m.Run, agent: m.Agent, topic: str) -> str:
    """The question on one topic."""
    group, _, part = topic.partition(" ")
    facts = ""
    match group:
        case "place":
            facts = place(agent.git)
        case "history":
            facts = await _history(agent.path, part)
        case "docs":
            paths = (part,) if part else agent.repo.docs
            pulled = await asyncio.to_thread(repo_facts.pull, Path(agent.path), paths)
            facts = "\n\n".join(map(_document, pulled))
        case "code":
            facts = _code(agent.repo, part)
    return understand.discover(agent.name, agent.path, topic, facts, run.problem)


def brief(state: m.State, run: m.Run, agent: m.Agent) -> str:
    """The questions of the brief."""
    late = left_out(state, run, agent.name)
    facts = [
        place(agent.git),
        _code(agent.repo, ""),
        _titled("what the team's configuration says of it", agent.repo.notes),
        _titled("how its tests went just now, before any work", _before(state, run, agent.name)),
        _titled("what you took too long for, and so nobody knows", late),
    ]
    return understand.brief(agent.name, agent.path, "\n".join(fact for fact in facts if fact), run.problem)


def briefs(state: m.State, run: m.Run) -> dict[str, str]:
    """What is known of each child, for the lead: what the tool read of its repo, then its own words."""
    room = appserver.PROMPT_LIMIT // 2 // max(1, len(run.briefs))
    return {name: text.clip(_known(state, run, name), room) for name in run.briefs}


def _known(state: m.State, run: m.Run, name: str) -> str:
    agent, said = state.agents[name], run.briefs[name]
    former = next(one for one in state.runs.values() if one.briefs.get(name) == said)
    words = {key: value for key, value in asdict(said).items() if value}
    facts = (
        place(agent.git),
        _code(agent.repo, ""),
        _titled("what the team's configuration says of it", agent.repo.notes),
        ""
        if former is run
        else f"its words are of {former.id}, which was about: {text.line(former.problem)}",
        f"its words: {json.format(json.encode(words), indent=1).decode()}",
    )
    return "\n".join(fact for fact in facts if fact)


def place(seen: m.Git) -> str:
    """What git says of a repo, in words."""
    changed = [f"  {visible_line(path)}" for path in seen.changed[:CHANGED]]
    more = [f"  … and {len(seen.changed) - CHANGED} more"] if len(seen.changed) > CHANGED else []
    return "\n".join(
        [
            f"branch: {visible(seen.branch) or '(detached)'}",
            f"HEAD: {seen.head or '(no commit)'}",
            "changed files:",
            *(changed or ["  none"]),
            *more,
        ]
    )


async def _history(repo: str, part: str) -> str:
    commits = await git.newest_commits(repo) if part in ("", "commits") else []
    branches = await git.newest_branches(repo) if part in ("", "branches") else []
    told = _titled("newest commits", commits), _titled("newest branches", branches)
    return visible("\n".join(one for one in told if one))


def _document(document: repo_facts.Document) -> str:
    rest = "" if document.whole else "\n(only its beginning is shown here)"
    return f"=== {document.path}\n{document.text}{rest}"


def _code(repo: m.RepoFacts, part: str) -> str:
    return "\n".join(
        said
        for said in (
            "" if part else _titled("directories at its top", repo.directories),
            _titled("how it seems to be tested", [commands(repo.tests)] if repo.tests else []),
            _titled("how it seems to be built", [commands(repo.build)] if repo.build else []),
        )
        if said
    )


def _before(state: m.State, run: m.Run, child: str) -> list[str]:
    """How the configured tests of a child went before any work."""
    return [
        f"`{check.command}`: exit status {check.life.code}"
        for check in state.checks.values()
        if (check.run, check.stage, check.child) == (run.id, m.Stage.BEFORE, child)
        and isinstance(check.life, m.Exited)
    ]


def _titled(title: str, lines: tuple[str, ...] | list[str]) -> str:
    return "\n".join([f"{title}:", *(f"  {line}" for line in lines)]) if lines else ""
