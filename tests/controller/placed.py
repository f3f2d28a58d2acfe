"""Repos, a run over them, and what makes its places and watches its turns: the state is made up, git is real."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from tests.controller.gitrepos import make
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.places import Places
from tmuxorch.controller.watch import Watch
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
