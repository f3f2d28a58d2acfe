"""Whatever happens in whatever order: no two write in one place, nobody is passed, nobody waits for ever.

What is true of who writes and who waits is found here from the state anew, not by asking `leases`.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from tests.core.play import Story, accepted, task
from tests.core.play_workers import worker
from tests.core.schedule_messages import DONE, answered, committed, finished, loaded, next_of_turn, picked
from tmuxorch.core import events as e
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide import decide
from tmuxorch.core.decide.turns import in_flight
from tmuxorch.core.evolve import evolve
from tmuxorch.core.plan import LEAD

OUT = m.Outcome

SETTINGS = msg.Settings(
    exec_workers=3, turns=4, checks=2, retries=1, backoff=5.0, stall=60.0, crashes=99, commit="item"
)

PLACES = {"backend": "/r/a", "mobile": "/r/a/b", "web": "/r/w"}
"""Where the items of the run are worked on: two within each other."""

TREE = ("/", "/r", "/r/a", "/r/a/b", "/r/a/c", "/r/ab", "/r/w/x", "/s")
LEASES = st.lists(st.sampled_from(TREE), max_size=2, unique=True).map(tuple)

ENDS = (
    {"outcome": OUT.SUCCEEDED, "code": 0},
    {"outcome": OUT.FAILED, "code": 1},
    {"outcome": OUT.FAILED, "code": 1, "passing": True},
    {"outcome": OUT.LOST},
    {"outcome": OUT.KILLED},
    {"outcome": OUT.SPAWN_FAILED},
    {"outcome": OUT.SUCCEEDED, "code": 0, "thread": "t", "misfit": "no JSON"},
    {"outcome": OUT.FAILED, "code": 1, "limit": m.Limit(kind=m.LimitKind.USAGE)},
)
"""In what the process of a worker or check may end."""

KIND = ("accept", "retry", "wait", "skip")
"""Answers that bring the work on."""

LIVE = (m.Starting, m.Running, m.Stopping)
PICK = st.integers(0, 2**8)


class Writer(NamedTuple):
    """Somebody who writes or waits to: where, whether it does, and its number among those who asked."""

    name: str
    paths: tuple[str, ...]
    writes: bool
    asked: int


def meet(one: Writer, other: Writer) -> bool:
    """Whether they want some of the same."""
    return any(below(mine, yours) or below(yours, mine) for mine in one.paths for yours in other.paths)


@cache
def below(path: str, place: str) -> bool:
    return PurePosixPath(path).is_relative_to(place)


@cache
def beginning() -> Story:
    """A run that has its places, and whose first turns are being sent."""
    tasks = (task("1", "backend"), task("2", "mobile"), task("3", "backend"), task("4", "web"))
    story = accepted(*tasks, task("5", LEAD, "4"), children=tuple(PLACES), settings=SETTINGS)
    for child, path in PLACES.items():
        there = m.Place(path=path, branch="main", head="0" * 40)
        story.tell(msg.PlaceFound(run="R1", child=child, place=there))
    return story


class Schedules(RuleBasedStateMachine):
    """One project: workers come and go, a run goes on, its account and its servers fail, and it is started anew."""

    def __init__(self) -> None:
        super().__init__()
        self.story = copy(beginning())
        self.story.journal = []
        self.folded, self.read = self.story.state, 0
        self.asked: dict[str, int] = {}
        self._number()

    # -- what happens

    def tell(self, message: msg.Message) -> list[e.Event]:
        """As Story.tell, which reads the journal after each message: here that happens now and then."""
        before, story = {writer.name: writer for writer in self.writers()}, self.story
        story.now += 1
        story.state, events = decide(story.state, message, story.settings, story.now)
        story.journal += [(story.now, event) for event in events]
        self._number()
        self._nobody_was_passed(before)
        return events

    def _number(self) -> None:
        """Whoever has not been there before has asked just now."""
        workers = (one.id for one in self.state.workers.values())
        turns = (turn.id for turn in self.state.turns.values() if turn.purpose is m.Purpose.ITEM)
        for name in (*workers, *turns):
            self.asked.setdefault(name, len(self.asked))

    @property
    def state(self) -> m.State:
        return self.story.state

    @initialize(runs=st.booleans(), leases=st.lists(LEASES, max_size=5))
    def begin(self, runs: bool, leases: list[tuple[str, ...]]) -> None:
        if not runs:
            self.tell(msg.CancelRun(run="R1", by="ann"))
            while turn := next(iter(self.turns()), None):
                self.tell(next_of_turn(turn, m.TurnOutcome.INTERRUPTED))
        for lease in leases:
            self.queue(lease)

    @rule(lease=LEASES)
    def queue(self, lease: tuple[str, ...]) -> None:
        self.tell(worker(f"W{len(self.state.workers) + 1}", *lease))

    @precondition(lambda self: self.jobs(*LIVE))
    @rule(pick=PICK, starts=st.booleans(), how=st.sampled_from(ENDS))
    def a_process_goes_on(self, pick: int, starts: bool, how: dict[str, object]) -> None:
        job = picked(self.jobs(*LIVE), pick)
        if starts and isinstance(job.life, m.Starting):
            self.tell(msg.ProcessStarted(ref=msg.job_ref(job), pid=2, host_pid=1))
        else:
            said = how if job.id in self.state.workers else {"outcome": how["outcome"]}
            self.tell(replace(msg.ProcessEnded(ref=msg.job_ref(job), outcome=OUT.LOST), **said))

    @precondition(lambda self: self.turns() or self.story.due() or self.story.opened())
    @rule(pick=PICK, choice=PICK, works=st.booleans(), strays=st.booleans())
    def the_run_goes_on(self, pick: int, choice: int, works: bool, strays: bool) -> None:
        options: list[msg.Message] = []
        for turn in self.turns():
            how = DONE if works else picked([*m.TurnOutcome][:3], choice)
            options.append(next_of_turn(turn, how, touched=("docs/a.md",) if strays and not works else ()))
        for effect in self.story.due():
            options.append(committed(effect, works))
        for checkpoint in self.story.opened():
            options.append(answered(checkpoint, [one.key for one in checkpoint.card.choices], choice))
        self.tell(picked(options, pick))

    @rule(pick=PICK)
    def something_goes_wrong(self, pick: int) -> None:
        if options := [*self._trouble()]:
            self.tell(picked(options, pick))

    def _trouble(self) -> Iterator[msg.Message]:
        for job in self.jobs(m.Queued, m.Starting, m.Running):
            yield msg.StopJob(id=job.id, by="ann")
        for one in self.workers(m.Starting):
            yield msg.WorkerHasNoPlace(id=one.id, reason="no commit")
        for one in self.workers(m.Running):
            yield msg.WorkerSilent(id=one.id, since=self.story.now - 100)
        for turn in self.turns(m.TurnActive):
            limit = m.Limit(kind=m.LimitKind.USAGE, until=self.story.now + 20)
            yield finished(turn, m.TurnOutcome.FAILED, limit=limit)
        if self.state.pauses:
            yield msg.ResumeNow(by="ann")
        for name in PLACES:
            if isinstance(self.state.agents[name].server, m.Running):
                yield msg.ProcessEnded(ref=self.story.ref(name), outcome=OUT.KILLED, reason="signal 9")
        if self.state.active_run:
            yield msg.CancelRun(run="R1", by="ann")

    @precondition(lambda self: not all(agent.ready for agent in self.state.agents.values()))
    @rule()
    def a_server_comes_up(self) -> None:
        agent = next(agent for agent in self.state.agents.values() if not agent.ready)
        if isinstance(agent.server, m.Starting):
            self.tell(msg.ProcessStarted(ref=self.story.ref(agent.name), pid=2, host_pid=1))
        self.tell(loaded(self.state.agents[agent.name]))

    @rule(seconds=st.sampled_from([0, 3, 6, 40]))
    def the_clock_goes_on(self, seconds: int) -> None:
        self.story.now += seconds
        self.tell(msg.Tick())

    @rule()
    def the_controller_is_started_anew(self) -> None:
        for at, event in self.story.journal[self.read :]:
            self.folded = evolve(self.folded, e.decode(e.encode(event)), at)
        assert self.folded == self.state
        self.story.state, self.read = self.folded, len(self.story.journal)
        self.tell(msg.Woke(pid=1, version="1"))

    # -- what is always true

    def writers(self) -> Iterator[Writer]:
        """Everybody who writes, or waits to."""
        for one in self.state.workers.values():
            if one.spec.lease and not isinstance(one.life, m.Exited):
                yield Writer(one.id, one.spec.lease, not isinstance(one.life, m.Queued), self.asked[one.id])
        works: dict[tuple[str, str], list[m.Turn]] = {}
        for turn in self.state.turns.values():
            if turn.purpose is m.Purpose.ITEM:
                works[turn.run, turn.item] = [turn]
            elif turn.purpose is m.Purpose.FIX:
                works[turn.run, turn.item].append(turn)
        for first, newest in ((each[0], each[-1]) for each in works.values()):
            if newest.in_flight or self._is_unsettled(newest):
                begun = (
                    newest is not first or newest.attempt > 1 or not isinstance(newest.state, m.TurnPending)
                )
                yield Writer(first.id, (PLACES[first.agent],), begun, self.asked[first.id])

    def _is_unsettled(self, turn: m.Turn) -> bool:
        run = self.state.runs[turn.run]
        at_work = m.ItemWorking | m.ItemChecking | m.ItemCommitting | m.ItemDeciding
        return run.active and isinstance(run.items[turn.item].progress, at_work)

    @invariant()
    def no_two_write_in_one_place(self) -> None:
        at_work = [writer for writer in self.writers() if writer.writes]
        for number, one in enumerate(at_work):
            for other in at_work[:number]:
                assert not meet(one, other), f"{one.name} and {other.name}"

    @invariant()
    def whoever_could_begin_waits_for_somebody(self) -> None:
        writers = {writer.name: writer for writer in self.writers()}
        for name in (*self._workers_that_could(), *self._turns_that_could()):
            assert name in writers, f"{name} waits, and only reads"
            mine = writers[name]
            ahead = [one for one in writers.values() if one.writes or one.asked < mine.asked]
            assert any(one is not mine and meet(one, mine) for one in ahead), f"{name} waits for nobody"

    def _workers_that_could(self) -> Iterator[str]:
        live = sum(m.is_live(one.life) for one in self.state.workers.values())
        if live < SETTINGS.exec_workers and m.OURS not in self.state.pauses:
            for one in self.workers(m.Queued):
                if one.earliest <= self.story.now:
                    yield one.id

    def _turns_that_could(self) -> Iterator[str]:
        if m.OURS in self.state.pauses or len(self.turns()) >= SETTINGS.turns:
            return
        for turn in self.state.turns.values():
            free = self.state.agents[turn.agent].ready and in_flight(self.state, turn.agent) is None
            if isinstance(turn.state, m.TurnPending) and free:
                yield turn.id

    def _nobody_was_passed(self, before: dict[str, Writer]) -> None:
        """Whoever began just now wants nothing that somebody wants who has asked before, and waits."""
        now = [*self.writers()]
        waiting = [writer for writer in now if not writer.writes]
        for one in now:
            if one.writes and not (one.name in before and before[one.name].writes):
                passed = [other.name for other in waiting if other.asked < one.asked and meet(one, other)]
                assert not passed, f"{one.name} before {passed}"

    @invariant()
    def the_clock_is_asked_for_what_is_to_come(self) -> None:
        due = self.story.alarm()
        assert due is None or due > self.story.now

    # -- and in the end

    def teardown(self) -> None:
        """Once nothing goes wrong any more all that was begun ends, by what happens and by the alarm alone."""
        for _ in range(1000):
            if message := next(self._forward(), None):
                assert self.tell(message), message
            elif (due := self.story.alarm()) is not None:
                self.story.now = due - 1
                assert self.tell(msg.Tick()), "the alarm has rung for nothing, and is not set again"
            else:
                break
            self.no_two_write_in_one_place()
            self.whoever_could_begin_waits_for_somebody()
        assert self.jobs() == self.jobs(m.Exited)
        assert self.state.active_run is None
        assert not [turn.id for turn in self.state.turns.values() if turn.over is None]

    def _forward(self) -> Iterator[msg.Message]:
        for job in self.jobs(m.Starting):
            yield msg.ProcessStarted(ref=msg.job_ref(job), pid=2, host_pid=1)
        for job in self.jobs(m.Running, m.Stopping):
            yield msg.ProcessEnded(ref=msg.job_ref(job), outcome=OUT.SUCCEEDED, code=0)
        for agent in self.state.agents.values():
            if isinstance(agent.server, m.Starting):
                yield msg.ProcessStarted(ref=self.story.ref(agent.name), pid=2, host_pid=1)
            elif not agent.ready:
                yield loaded(agent)
        for turn in self.turns():
            yield next_of_turn(turn, DONE)
        for effect in self.story.due():
            yield committed(effect, works=True)
        for checkpoint in self.story.opened():
            yield answered(checkpoint, [one.key for one in checkpoint.card.choices if one.key in KIND])

    # -- looking

    def jobs(self, *lives: type[m.Life]) -> list[m.Worker | m.Check]:
        return [one for one in self.state.jobs if not lives or isinstance(one.life, lives)]

    def workers(self, *lives: type[m.Life]) -> list[m.Worker]:
        return [one for one in self.state.workers.values() if isinstance(one.life, lives)]

    def turns(self, *states: type[m.TurnState]) -> list[m.Turn]:
        flying = (turn for turn in self.state.turns.values() if turn.in_flight)
        return [turn for turn in flying if not states or isinstance(turn.state, states)]


TestSchedules = Schedules.TestCase
# What fails is told as it happened: to look for a shorter way takes minutes.
TestSchedules.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, phases=[Phase.generate]
)
