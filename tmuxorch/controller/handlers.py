"""Effects, made to happen: one method per effect. Each returns only when the state says that it has happened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import assert_never

from tmuxorch.codex import appserver, prompts, results
from tmuxorch.controller import digest, outfit, places, processes, prompting, specs
from tmuxorch.controller.desk import Desk
from tmuxorch.controller.dialing import LinkLost
from tmuxorch.controller.engine import Engine
from tmuxorch.controller.patterns import Patterns
from tmuxorch.controller.places import Places
from tmuxorch.controller.processes import Processes
from tmuxorch.controller.threads import Threads
from tmuxorch.controller.waking import Waking
from tmuxorch.controller.watch import Moved, Watch
from tmuxorch.controller.workers import Workers
from tmuxorch.core import effects as f
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.turns import mark
from tmuxorch.core.messages import job_id, job_ref, server_ref
from tmuxorch.core.plan import LEAD
from tmuxorch.core.reconcile import agent_window
from tmuxorch.core.secrets import answer_of, needed
from tmuxorch.errors import Refused, TimedOut, TmuxorchError, UsageError
from tmuxorch.host import records

log = logging.getLogger(__name__)

STOPPED = 30.0
"""Seconds that stopping a process may take, its ladder included, before it is tried again."""

SETTLED = 10.0
"""Seconds in which Codex must show the effect of a reply or an interrupt, before it is tried again."""


class Handlers:
    """Everything that acts on the outside because the state says so."""

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        kit: specs.Kit,
        procs: Processes,
        threads: Threads,
        repos: Places,
        watch: Watch,
        workers: Workers,
        patterns: Patterns,
        waking: Waking,
    ) -> None:
        self._engine = engine
        self._desk = desk
        self._kit = kit
        self._processes = procs
        self._threads = threads
        self._places = repos
        self._watch = watch
        self._workers = workers
        self._patterns = patterns
        self._waking = waking

    async def handle(self, effect: f.Effect) -> None:
        """Makes `effect` happen. Raises TmuxorchError or OSError when it could not be; it is then tried again."""
        match effect:
            case f.OpenProcess(ref=ref):
                await self._open_process(ref)
            case f.OpenView(window=key):
                await self._open_view(key)
            case f.CloseWindow(window=key):
                await self._close_window(key)
            case f.StopProcess(ref=ref):
                await self._stop(ref)
            case f.Connect(agent=agent, generation=generation):
                await self._threads.connect(agent, generation)
            case f.Disconnect(agent=agent):
                await self._threads.leave(agent)
            case f.SendTurn(turn=turn):
                await self._send_turn(turn)
            case f.SendSteer(turn=turn, number=number, text=text):
                await self._send_steer(turn, number, text)
            case f.SendInterrupt(turn=turn):
                await self._interrupt(turn)
            case f.Reply(checkpoint=checkpoint):
                await self._reply(checkpoint)
            case f.PreparePlace(run=run, child=child):
                await self._places.prepare(run, child)
            case f.CommitWork(run=run, item=item, child=child):
                await self._places.commit(run, item, child)
            case f.RunHook(worker=worker):
                await self._workers.run_hook(worker)
            case f.PrepareStep(pattern=pattern, step=step):
                await self._patterns.prepare(pattern, step)
            case f.CurateResult(pattern=pattern):
                await self._patterns.curate(pattern)
            case f.WakeLead():
                await self._waking.wake()
            case _:
                assert_never(effect)

    # -- processes and windows

    async def _open_process(self, ref: str) -> None:
        directory = specs.directory(self._kit, self._engine.state, ref)
        born = processes.birth(ref, directory)
        if born is None and processes.end_of(ref, directory) is None:
            if job_id(ref) in self._engine.state.workers and not await self._workers.ready(job_id(ref)):
                return
            process = specs.find(self._kit, self._engine.state, ref)
            if process.key == LEAD:
                outfit.close_door(self._kit.paths, LEAD)
            processes.prepare(directory, process.spec)
            await self._desk.open_process(process, agent="#" in ref)
            born = await self._processes.born(ref, directory)
        if born:
            await self._engine.submit(born)
            return
        ended = processes.end_of(ref, directory)
        if ended is None:
            if not await asyncio.to_thread(records.forbid, directory):
                raise TimedOut(f"the host of {ref} is only just beginning")
            reason = "its host did not start: the window was closed, or the machine is overloaded"
            ended = msg.ProcessEnded(ref=ref, outcome=m.Outcome.SPAWN_FAILED, reason=reason)
        await self._engine.submit(ended)

    async def _open_view(self, key: str) -> None:
        state = self._engine.state
        if key == "controller":
            await self._desk.open_log(key, self._kit.paths.controller_log, "tmuxorch controller")
        elif key in ("overview", "checkpoints"):
            await self._desk.open_command(key)
        elif key in state.agents and state.agents[key].endpoint:
            frames, cwd = self._kit.paths.frames(key), specs.home_of(self._kit, state.agents[key])
            frames.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self._desk.open_live(key, agent_window(key), frames, cwd)
        elif key in state.agents:
            agent = state.agents[key]
            process = specs.server(self._kit, agent, agent.generation)
            await self._desk.open_again(process, agent=True)
        else:
            await self._desk.open_again(specs.find(self._kit, state, key), agent=False)

    async def _close_window(self, key: str) -> None:
        if window := self._engine.state.windows.get(key):
            await self._desk.close_window(window)
            await self._engine.submit(msg.SawWindow(key=key, window=None))

    async def _stop(self, ref: str) -> None:
        """Tells the host; one that has not begun yet, wherever it is on its way, never will."""
        directory = specs.directory(self._kit, self._engine.state, ref)
        if not processes.stop(directory):
            if await asyncio.to_thread(records.forbid, directory):
                gone = msg.ProcessEnded(ref=ref, outcome=m.Outcome.CANCELLED, reason="it had not started")
                await self._engine.submit(gone)
                return
            await self._processes.born(ref, directory)
            processes.stop(directory)
        await self._until(lambda state: not m.is_live(life_of(state, ref)), STOPPED, f"end of {ref}")

    # -- turns

    async def _send_turn(self, turn_id: str) -> None:
        turn = self._engine.state.turns[turn_id]
        thread = self._threads.of(turn.agent)
        if not await self._has(needed(self._engine.state, turn).values()):
            return
        if turn.writes:
            try:
                await self._watch.begin(turn)
            except Moved as error:
                why = "it was not begun, because its place is not where it was left"
                refused = msg.TurnRefused(id=turn.id, error=why, moved=error.message, after=error.after)
                await self._engine.submit(refused)
                return
            except Refused as error:
                await self._engine.submit(msg.TurnRefused(id=turn.id, error=error.message))
                return
        text = await self._text(turn)
        sandbox, approval = self._policy(turn)
        try:
            params = appserver.turn_start(
                thread.thread,
                text,
                client_id=mark(turn),
                cwd=places.directory(self._engine.state, turn),
                sandbox=sandbox,
                approval=approval,
                schema=prompting.schema(turn.purpose),
            )
            thread.expect(mark(turn), turn.id)
            started = results.turn_of(await thread.call(appserver.TURN_START, params))
        except TimedOut:
            await thread.close()  # whether it arrived is seen when the thread is loaded again
            raise
        except (Refused, UsageError) as error:
            await self._engine.submit(msg.TurnRefused(id=turn.id, error=error.message))
            return
        await self._engine.submit(msg.TurnBegan(id=turn.id, codex_turn=started.id))

    def _policy(self, turn: m.Turn) -> tuple[appserver.Params, str]:
        """Sandbox and approvals of a turn. They stick to its thread, so what people type to the lead has those of the
        lead's last turn.
        """
        lead = self._engine.state.lead
        if turn.agent == LEAD and lead.open:
            return outfit.policy(lead)
        if turn.writes:
            return appserver.workspace_write(), "on-request"
        return appserver.read_only(), "never"

    async def _text(self, turn: m.Turn) -> str:
        if turn.purpose is m.Purpose.WAKE:
            hide = self._engine.vault.redacted
            told = await asyncio.to_thread(digest.told, self._kit.paths, self._engine.state, turn.news, hide)
            return prompts.wake(hide(told), again=turn.lost > 0)
        return await prompting.prompt(self._engine.state, turn, self._secrets(turn))

    async def _send_steer(self, turn_id: str, number: int, text: str) -> None:
        turn = self._engine.state.turns[turn_id]
        assert isinstance(turn.state, m.TurnActive)
        thread = self._threads.of(turn.agent)
        marked = f"{mark(turn)}-steer-{number}"
        params = appserver.turn_steer(thread.thread, turn.state.codex_turn, text, client_id=marked)
        error = ""
        try:
            await thread.call(appserver.TURN_STEER, params)
        except Refused as refused:
            error = refused.message
        await self._engine.submit(msg.SteerEnded(turn=turn.id, number=number, error=error))

    async def _interrupt(self, turn_id: str) -> None:
        """Ends the turn and the commands that it leaves running, which Codex does not end by itself."""
        turn = self._engine.state.turns[turn_id]
        assert isinstance(turn.state, m.TurnActive)
        thread = self._threads.of(turn.agent)
        for method, params in (
            (appserver.TURN_INTERRUPT, appserver.turn_interrupt(thread.thread, turn.state.codex_turn)),
            (appserver.TERMINALS_CLEAN, appserver.terminals_clean(thread.thread)),
        ):
            try:
                await thread.call(method, params, 5.0)
            except (Refused, TimedOut) as error:
                log.info("%s: %s", turn_id, error)
        await self._until(lambda state: state.turns[turn_id].over is not None, SETTLED, f"end of {turn_id}")

    async def _reply(self, checkpoint_id: str) -> None:
        checkpoint = self._engine.state.checkpoints[checkpoint_id]
        assert isinstance(checkpoint.origin, m.FromServer)
        if not await self._has([checkpoint]):
            return
        try:
            answer = self._engine.vault.whole(checkpoint)
            await self._threads.of(checkpoint.origin.agent).reply(checkpoint, answer)
        except TmuxorchError as error:
            if isinstance(error, Refused | LinkLost):  # once it is connected again, Codex repeats its request
                raise
            await self._engine.submit(msg.ReplyImpossible(checkpoint=checkpoint_id, reason=error.message))
            return
        await self._until(
            lambda state: not isinstance(state.checkpoints[checkpoint_id].state, m.Answered),
            SETTLED,
            f"effect of the answer to {checkpoint_id}",
        )

    def _secrets(self, turn: m.Turn) -> dict[str, str]:
        """The secrets that the prompt of a turn passes on, by the human task that they answer."""
        asked = needed(self._engine.state, turn)
        return {item: said for item, one in asked.items() for said in self._engine.vault.of(one.id).values()}

    async def _has(self, checkpoints: Iterable[m.Checkpoint]) -> bool:
        """Whether the secrets of these answers are here; tells of those that are not."""
        lost = [one.id for one in checkpoints if answer_of(one).secrets and one.id not in self._engine.vault]
        for checkpoint in lost:
            await self._engine.submit(msg.SecretLost(checkpoint=checkpoint))
        return not lost

    async def _until(self, condition: Callable[[m.State], bool], timeout: float, what: str) -> None:
        await self._engine.until(condition, timeout, what)


def life_of(state: m.State, ref: str) -> m.Life:
    """The life of the process `ref`; an older generation of a server, and a former try of a worker, is over."""
    name, _, generation = ref.partition("#")
    if generation:
        agent = state.agents[name]
        if server_ref(name, agent.generation) == ref:
            return agent.server
        return m.Exited(at=0.0, outcome=m.Outcome.LOST)
    job = state.workers.get(job_id(ref)) or state.checks[ref]
    return job.life if job_ref(job) == ref else m.Exited(at=0.0, outcome=m.Outcome.LOST)
