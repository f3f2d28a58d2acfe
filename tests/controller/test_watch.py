"""What is seen of turns by real git: what they touched, what others did meanwhile, and a place that has moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.controller.gitrepos import git, head, write
from tests.controller.placed import World
from tmuxorch.controller.watch import Moved
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_what_a_turn_touched_is_told_when_it_is_over(world: World) -> None:
    repo = world.repos["app"]
    write(repo, {"b.txt": "mine\n"})
    await world.prepared()
    await world.watch.begin(world.turn())
    write(repo, {"a.txt": "ours\n", "new.txt": "ours\n"})
    ended = await world.finished()
    assert (ended.touched, ended.strays, ended.moved) == (("a.txt", "new.txt"), {}, "")


async def test_a_turn_of_somebody_else_is_not_ours(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    write(world.repos["app"], {"a.txt": "ours\n"})
    assert (await world.finished(7)).touched == ()


async def test_a_controller_that_was_killed_meanwhile_still_tells(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    write(world.repos["app"], {"a.txt": "ours\n"})
    world.restart()
    seen = tuple(
        msg.SeenTurn(codex_turn=f"c{number}", mark=f"tmuxorch-T{number}-1", outcome=m.TurnOutcome.COMPLETED)
        for number in (1, 0)
    )
    loaded = await world.watch.loaded(msg.ThreadLoaded(agent="app", generation=1, thread="t", turns=seen))
    assert [one.touched for one in loaded.turns] == [("a.txt",), ()]
    assert (world.paths.snapshot("T1").stat().st_mode & 0o777) == 0o600


async def test_a_turn_that_is_sent_again_is_compared_with_before_the_first_time(world: World) -> None:
    await world.prepared()
    turn = world.turn()
    await world.watch.begin(turn)
    write(world.repos["app"], {"a.txt": "ours\n"})
    await world.watch.begin(replace(turn, attempt=2))
    write(world.repos["app"], {"b.txt": "ours\n"})
    assert (await world.finished()).touched == ("a.txt", "b.txt")


async def test_what_a_lost_turn_did_is_told_with_the_next(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    write(world.repos["app"], {"a.txt": "ours\n"})
    world.turn(state=m.TurnOver(at=world.now, outcome=m.TurnOutcome.LOST))
    await world.watch.begin(world.turn(2))
    write(world.repos["app"], {"b.txt": "ours\n"})
    assert (await world.finished(2)).touched == ("a.txt", "b.txt")


async def test_what_is_on_record_is_forgotten(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    write(world.repos["app"], {"a.txt": "ours\n"})
    world.turn(state=m.TurnOver(at=world.now, outcome=m.TurnOutcome.COMPLETED))
    await world.watch.begin(world.turn(2))
    assert [file.name for file in world.paths.snapshots.iterdir()] == ["T2.json"]
    assert (await world.finished(2)).touched == ()


async def test_how_the_place_is_after_a_turn_is_told(world: World) -> None:
    repo = world.repos["app"]
    write(repo, {"a.txt": "before the turn\n", "mine.txt": "mine\n"})
    await world.prepared()
    await world.watch.begin(world.turn())
    git(repo, "checkout", "-q", "a.txt")
    write(repo, {"b.txt": "ours\n"})
    ended = await world.finished()
    assert ended.touched == ("a.txt", "b.txt")
    assert ended.after is not None
    assert (ended.after.branch, ended.after.head) == ("main", head(repo))
    assert ended.after.changed == ("b.txt",)  # the other is as in HEAD again


async def test_edits_in_another_repo_are_strays(world: World) -> None:
    write(world.repos["other"], {"b.txt": "mine\n"})
    await world.prepared()
    await world.watch.begin(world.turn())
    write(world.repos["other"], {"a.txt": "whose?\n"})
    ended = await world.finished()
    assert ended.strays == {"other": ("a.txt",)}
    assert ended.diff.startswith("In other:\ndiff --git a/a.txt b/a.txt\n")


async def test_what_the_item_does_not_allow_is_shown(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    write(world.repos["app"], {"src/c.txt": "allowed\n", "b.txt": "not allowed\x1b[31m\n"})
    ended = await world.finished()
    assert ended.diff.endswith("\n+not allowed\\x1b[31m")
    assert "src/c.txt" not in ended.diff


@pytest.mark.parametrize(
    "how",
    [
        "was writing",
        "is writing",
        "began and ended",
        "is put off",
        "check",
        "committing",
        "at the end",
        "committed",
        "a human",
    ],
)
async def test_where_one_of_ours_was_at_work_nothing_is_a_stray(world: World, how: str) -> None:
    await world.prepared()
    await world.prepared("other")
    active = m.TurnActive(at=world.now, generation=1, codex_turn="c5")
    if how == "was writing":
        world.turn(5, "other", active)
    await world.watch.begin(world.turn())
    write(world.repos["other"], {"a.txt": "theirs\n"})
    world.now += 10
    over = m.TurnOver(at=world.now, outcome=m.TurnOutcome.COMPLETED)
    match how:
        case "is writing":
            world.turn(5, "other", active)
        case "began and ended" | "was writing":
            world.turn(5, "other", over)
        case "check":
            check = m.Check(
                id="K1",
                run="R1",
                stage=m.Stage.ITEM,
                item="2",
                number=1,
                child="other",
                cwd="/",
                command="true",
                life=m.Exited(at=world.now, outcome=m.Outcome.SUCCEEDED),
            )
            world.engine.state = replace(world.engine.state, checks={"K1": check})
        case "is put off":
            turn = replace(world.turn(5, "other", m.TurnPending(at=world.now)), attempt=2)
            turns = {**world.engine.state.turns, turn.id: turn}
            world.engine.state = replace(world.engine.state, turns=turns)
        case "committing":
            world.work_on("other", m.ItemCommitting())
        case "a human":
            world.work_on("other", m.ItemDeciding(checkpoint="C1"))
        case "at the end":
            world.change(committing=("other",))
        case "committed":
            git(world.repos["other"], "commit", "-q", "-a", "-m", "theirs")
            place = replace(world.run.places["other"], head=head(world.repos["other"]))
            world.change(places={**world.run.places, "other": place})
    assert (await world.finished()).strays == {}


async def test_with_worktrees_the_repos_themselves_are_the_users(world: World) -> None:
    world.settings = msg.Settings(isolation="worktree")
    await world.prepared()
    await world.watch.begin(world.turn())
    for repo in world.repos.values():
        write(repo, {"a.txt": "the user's\n"})
    ended = await world.finished()
    assert (ended.touched, ended.strays, ended.moved) == ((), {}, "")


async def test_a_turn_is_not_sent_into_a_place_that_has_moved(world: World) -> None:
    await world.prepared()
    git(world.repos["app"], "checkout", "-q", "-b", "elsewhere")
    with pytest.raises(Moved, match="another branch is checked out") as refused:
        await world.watch.begin(world.turn())
    assert refused.value.after.branch == "elsewhere"
    world.repos["app"].rename(world.directory / "gone")
    with pytest.raises(Moved, match="is not there any more") as refused:
        await world.watch.begin(world.turn())
    assert refused.value.after.missing
    assert not world.paths.snapshot("T1").exists()


async def test_a_place_that_moves_under_a_turn_is_told(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    git(world.repos["app"], "commit", "-q", "--allow-empty", "-m", "by somebody")
    assert "somebody committed" in (await world.finished()).moved


async def test_when_git_cannot_say_what_a_turn_did_that_is_told(world: World) -> None:
    await world.prepared()
    await world.watch.begin(world.turn())
    world.paths.snapshot("T1").write_text("{torn")
    assert (await world.finished()).moved.startswith("git cannot say what T1 did: ")
