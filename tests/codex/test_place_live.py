"""A turn works where it is told to, whatever directory its thread began in."""

from __future__ import annotations

from pathlib import Path

from tests.codex.live import Bench, Client
from tests.codex.tinymodel import say, shell
from tests.controller.gitrepos import git, make
from tmuxorch.codex import items
from tmuxorch.codex.notifications import ItemCompleted


async def ran(codex: Client, command: str, cwd: Path, writes: bool = False) -> str:
    """What the command prints, run in a turn in `cwd`."""
    turn = await codex.turn(shell(command), say("done"), writes=writes, cwd=str(cwd))
    await codex.ended(turn)
    seen = await codex.seen(
        ItemCompleted, lambda e: isinstance(e.item, items.CommandExecution) and e.turn == turn.id
    )
    assert isinstance(seen.item, items.CommandExecution)
    return seen.item.aggregated_output or ""


async def test_a_turn_writes_in_the_place_that_it_is_given_and_nowhere_else(
    codex: Client, bench: Bench, tmp_path: Path
) -> None:
    repo = make(tmp_path / "app")
    place = tmp_path / "state" / "app"
    git(repo, "worktree", "add", "-q", str(place), "-b", "tmuxorch/R1")
    was = (place / ".git").read_text()
    command = (
        "pwd; touch here; echo x > .git; mv .git gone; git add -A || echo no add;"
        f"touch {repo}/.git/worktrees/app/x {bench.home}/x; true"
    )
    done = await ran(codex, command, place, writes=True)
    assert done.splitlines()[0] == str(place)
    assert (place / "here").exists()
    assert "no add" in done
    assert (place / ".git").read_text() == was
    assert not (repo / ".git" / "worktrees" / "app" / "x").exists()
    assert str(place) not in bench.config.read_text()  # it was not entered as trusted

    done = await ran(codex, f"pwd; touch x; touch {place}/x; true", bench.repo)
    assert done.splitlines()[0] == str(bench.repo)
    assert not (place / "x").exists()
    assert not (bench.repo / "x").exists()
