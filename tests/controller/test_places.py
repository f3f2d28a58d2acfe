"""Places, commits and what is seen of turns: the state says where, real git says what."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.controller.gitrepos import git, head, make, status, write
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.places import Places, directory
from tmuxorch.controller.watch import Moved, Watch
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.plan import Plan, PlanItem
from tmuxorch.store.paths import ProjectPaths

DONE = m.ItemState(progress=m.ItemDone(), changed=("a.txt", "new.txt", "b.txt"))


class Told(Engine):
    """An engine that decides nothing: it remembers what it is told."""

    def __init__(self) -> None:
        super().__init__(m.State(), None, msg.Settings, lambda: 0.0)  # type: ignore[arg-type]
        self.told: list[msg.Message] = []

    async def submit(self, message: msg.Message) -> m.State:
        self.told.append(message)
        return self.state


class World:
    """Repos, a run over them, and the parts under test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.engine = Told()
        self.settings = msg.Settings()
        self.now = 1000.0
        project = directory / "project"
        project.mkdir()
        self.paths = ProjectPaths(project)
        self.paths.ensure()
        self.repos = {name: make(directory / name) for name in ("app", "other")}
        agents = {
            name: m.Agent(name=name, path=str(repo), server=m.Queued(at=0.0))
            for name, repo in self.repos.items()
        }
        plan = Plan(
            items=(
                PlanItem(id="1", title="Do # it", owner="app", scope=("src",), verification=("make test",)),
            )
        )
        run = m.Run(
            id="R1",
            problem="lab",
            children=("app", "other"),
            auto=True,
            started=0.0,
            plan=plan,
            items={"1": DONE},
        )
        self.engine.state = m.State(agents=agents, runs={"R1": run})
        self.restart()

    def restart(self) -> None:
        self.places = Places(self.engine, self.paths, lambda: self.settings)
        self.watch = Watch(self.engine, self.paths, lambda: self.settings, lambda: self.now)

    @property
    def run(self) -> m.Run:
        return self.engine.state.runs["R1"]

    def change(self, **fields: object) -> None:
        """Changes the run."""
        run = replace(self.run, **fields)
        self.engine.state = replace(self.engine.state, runs={"R1": run})

    async def prepared(self, child: str = "app") -> m.Place:
        """The child's place, known to the state from now on."""
        await self.places.prepare("R1", child)
        found = self.engine.told.pop()
        assert isinstance(found, msg.PlaceFound), found
        self.change(places={**self.run.places, child: found.place})
        return found.place

    async def committed(self, item: str = "1") -> msg.CommitMade:
        await self.places.commit("R1", item, "app")
        made = self.engine.told.pop()
        assert isinstance(made, msg.CommitMade), made
        return made

    def turn(self, number: int = 1, agent: str = "app", state: m.TurnState | None = None) -> m.Turn:
        """A writing turn, known to the state from now on."""
        turn = m.Turn(
            id=f"T{number}",
            agent=agent,
            purpose=m.Purpose.ITEM,
            run="R1",
            item="1",
            writes=True,
            state=state or m.TurnActive(at=self.now, generation=1, codex_turn=f"c{number}"),
        )
        self.engine.state = replace(self.engine.state, turns={**self.engine.state.turns, turn.id: turn})
        return turn

    def work_on(self, owner: str, progress: m.ItemProgress) -> None:
        """There is an item 2, and so far is it."""
        assert self.run.plan
        plan = Plan(items=(*self.run.plan.items, PlanItem(id="2", title="x", owner=owner)))
        self.change(plan=plan, items={**self.run.items, "2": m.ItemState(progress=progress)})

    async def finished(self, number: int = 1) -> msg.TurnFinished:
        """What is told of the end of a turn."""
        ended = msg.TurnFinished(agent="app", codex_turn=f"c{number}", outcome=m.TurnOutcome.COMPLETED)
        return await self.watch.finished(ended)


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


# -- turns


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
