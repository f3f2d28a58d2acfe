"""Looking at the children's repos: what git says of them, and what they say of themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from msgspec.structs import replace

from tmuxorch.controller import git
from tmuxorch.controller.engine import Engine
from tmuxorch.core import messages as msg
from tmuxorch.core import text
from tmuxorch.store import repo_facts
from tmuxorch.store.config import Child, Config


async def documents(engine: Engine, config: Config, project: Path) -> None:
    """Tells what every child's repo says of itself: documents, how it is tested and built."""
    await asyncio.gather(*(_documents(engine, child, child.directory(project)) for child in config.children))


async def _documents(engine: Engine, child: Child, repo: Path) -> None:
    facts = await asyncio.to_thread(repo_facts.look, repo, child.docs, child.tests, child.build)
    await engine.submit(msg.SawRepo(agent=child.name, repo=replace(facts, notes=notes(child))))


def notes(child: Child) -> tuple[str, ...]:
    """What the configuration says of a child in words, a line each."""
    said = {
        "role": child.role,
        "access": "a reference: it is read, and nothing may be changed there" * (child.access == "reference"),
        "when and how it commits": child.commit_policy,
        "how it releases": child.release_policy,
        "hints": child.hints,
        "what only a human can do": "; ".join(child.human_checkpoints),
    }
    return tuple(f"{what}: {text.line(words)}" for what, words in said.items() if text.line(words))


async def states(engine: Engine, names: Collection[str]) -> None:
    """Tells in what state the repos of these children are."""
    await asyncio.gather(*(_state(engine, name) for name in names))


async def _state(engine: Engine, name: str) -> None:
    await engine.submit(msg.SawGit(agent=name, git=await git.look(engine.state.agents[name].path)))
