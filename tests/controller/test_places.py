"""Places and commits of a run: the state says where, real git says what."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.controller.gitrepos import git, head, status, write
from tests.controller.placed import World
from tmuxorch.controller.places import directory
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import Plan, PlanItem


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# -- places


async def test_without_isolation_the_repo_is_the_place(world: World) -> None:
    repo = world.repos["app"]
    place = await world.prepared()
    assert place == m.Place(path=str(repo), branch="main", head=head(repo))
    assert directory(world.engine.state, world.turn()) == str(repo)


async def test_a_dirty_repo_is_not_settled(world: World) -> None:
    write(world.repos["app"], {"a.txt": "mine\n", "mine.txt": "mine\n"})
    place = await world.prepared()
    assert (place.settled, place.dirty) == (False, ("a.txt", "mine.txt"))


async def test_a_worktree_is_clean_whatever_the_repo_is(world: World) -> None:
    world.settings = msg.Settings(isolation="worktree")
    repo = world.repos["app"]
    write(repo, {"a.txt": "mine\n"})
    place = await world.prepared()
    path = world.paths.state / "worktrees" / "R1" / "app"
    assert place == m.Place(path=str(path), branch="tmuxorch/R1", head=head(repo), worktree=True)
    assert await world.prepared() == place
    writing, reading = world.turn(), replace(world.turn(2), writes=False)
    assert directory(world.engine.state, writing) == str(path)
    assert directory(world.engine.state, reading) == str(repo)
    assert (path.parent.stat().st_mode & 0o777, status(repo)) == (0o700, [" M a.txt"])


async def test_a_human_can_want_a_worktree_for_one_child(world: World) -> None:
    world.change(worktrees=("app",))
    assert (await world.prepared("app")).worktree
    assert not (await world.prepared("other")).worktree


async def test_two_children_of_one_repo_get_a_branch_each(world: World) -> None:
    world.settings = msg.Settings(isolation="worktree")
    git(world.repos["app"], "worktree", "add", "-q", str(world.directory / "second"), "-b", "second")
    agents = world.engine.state.agents
    second = replace(agents["other"], path=str(world.directory / "second"))
    world.engine.state = replace(world.engine.state, agents={**agents, "other": second})
    assert (await world.prepared("app")).branch == "tmuxorch/R1-app"
    assert (await world.prepared("other")).branch == "tmuxorch/R1-other"


@pytest.mark.parametrize(
    ("spoil", "isolation", "said"),
    [
        (lambda repo: repo.rename(repo.parent / "gone"), "none", "is not there any more"),
        (lambda repo: (repo / ".git").rename(repo / "g"), "none", "is no git repository"),
        (
            lambda repo: git(repo, "checkout", "-q", "-b", "tmuxorch/R1"),
            "worktree",
            "git -C .* switch --detach",
        ),
        (lambda repo: git(repo, "update-ref", "-d", "HEAD"), "worktree", "commit --allow-empty"),
    ],
)
async def test_why_there_is_no_place_is_told(
    world: World, spoil: Callable[[Path], object], isolation: str, said: str
) -> None:
    world.settings = msg.Settings(isolation=isolation)
    spoil(world.repos["app"])
    await world.places.prepare("R1", "app")
    (failed,) = world.engine.told
    assert isinstance(failed, msg.PlaceFailed)
    assert re.search(said, failed.reason)


# -- commits


async def test_an_item_is_committed_with_its_name_and_its_proof(world: World) -> None:
    repo = world.repos["app"]
    write(repo, {"b.txt": "mine\n"})
    await world.prepared()
    write(repo, {"a.txt": "ours\n", "new.txt": "ours\n"})
    made = await world.committed()
    assert made == msg.CommitMade(run="R1", item="1", child="app", commit=head(repo), left=("b.txt",))
    assert git(repo, "log", "-1", "--format=%B").strip() == (
        "Do # it\n\nItem 1 of run R1 (app): Do # it\n  proved by: make test\n\nTmuxorch-Item: R1/1"
    )
    assert status(repo) == [" M b.txt"]


async def test_a_run_is_committed_at_once(world: World) -> None:
    repo = world.repos["app"]
    titles: dict[str, m.ItemProgress] = {"1": m.ItemDone(), "2": m.ItemFailed(reason="no"), "3": m.ItemDone()}
    world.change(
        plan=Plan(items=tuple(PlanItem(id=id, title=f"Title {id}", owner="app") for id in titles)),
        items={id: m.ItemState(progress=how, changed=(f"{id}.txt",)) for id, how in titles.items()},
    )
    await world.prepared()
    write(repo, {f"{id}.txt": "ours\n" for id in titles})
    made = await world.committed("")
    assert made.commit == head(repo)
    assert git(repo, "log", "-1", "--format=%s %(trailers:key=Tmuxorch-Item,valueonly)").strip() == "lab R1"
    assert status(repo) == ["?? 2.txt"]  # not proved


async def test_what_a_person_should_know_is_told(world: World) -> None:
    repo = world.repos["app"]
    git(repo, "config", "--unset", "user.email")
    git(repo, "config", "--unset", "user.name")
    await world.prepared()
    write(repo, {"a.txt": "ours\n"})
    assert "git does not know your name" in (await world.committed()).note
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{head(repo)},sub")
    write(repo, {".gitmodules": '[submodule "sub"]\npath = sub\nurl = /nowhere\n'})
    git(repo, "add", ".gitmodules")
    git(repo, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "-m", "sub")
    world.change(worktrees=("app",))
    place = await world.prepared()
    assert place.note == "Submodules that are not on this machine, and empty in the worktree: sub"


async def test_why_there_is_no_commit_is_told(world: World) -> None:
    await world.prepared()
    git(world.repos["app"], "checkout", "-q", "-b", "elsewhere")
    await world.places.commit("R1", "1", "app")
    (failed,) = world.engine.told
    assert isinstance(failed, msg.CommitFailed)
    assert "is on elsewhere, not on main" in failed.reason
