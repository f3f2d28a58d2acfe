"""One agent's connection: what its server tells turned into messages, requests turned into cards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable

from msgspec import Raw

from tmuxorch.codex import approvals, appserver, items, jsonrpc, notifications, results
from tmuxorch.codex.binary import dotted
from tmuxorch.codex.limits import RateLimits, Window
from tmuxorch.controller import cards, outfit, seen
from tmuxorch.controller.appserver import AppServerLink, CallRefused
from tmuxorch.controller.dialing import LinkLost
from tmuxorch.controller.frames import FrameLog
from tmuxorch.controller.loading import QUICK, REPEATED, SETTLE, Loader
from tmuxorch.core import messages as msg
from tmuxorch.core import model as m
from tmuxorch.core.decide.gates import digest
from tmuxorch.core.decide.turns import OURS
from tmuxorch.core.reconcile import Link
from tmuxorch.errors import TimedOut, TmuxorchError
from tmuxorch.host import tree

log = logging.getLogger(__name__)

HEARD = 1.0
"""Seconds in which Codex must have told that a request was answered elsewhere."""

Tell = Callable[[msg.Message], None]


class AgentThread:
    """The thread of `agent` on the server at `address`, which wants `token` if it is not ours. `fitted` is what the
    lead has while it is open.

    Told facts go to `tell`; `changed` is called when `link` differs.
    """

    def __init__(
        self,
        agent: m.Agent,
        address: str,
        frames: FrameLog,
        tell: Tell,
        changed: Callable[[], None],
        token: str = "",
        fitted: outfit.Outfit | None = None,
    ) -> None:
        self.agent = agent.name
        self.endpoint = agent.endpoint
        self.generation = agent.generation
        self.thread = agent.thread
        self.activity = ""
        self.asking: dict[int | str, jsonrpc.ServerRequest] = {}
        self._replied: set[int | str] = set()
        self._loader = Loader(
            agent=agent.name, cwd=agent.path, foreign=bool(agent.endpoint), fitted=fitted, call=self.call
        )
        self._tell_now = tell
        self._held_back: list[msg.Message] | None = []
        self._changed = changed
        self._frames = frames
        self._loaded = False
        self._idle = False
        self._expected: dict[str, str] = {}
        self._tokens: m.Tokens | None = None
        self._allowances: dict[str, tuple[Window, ...]] = {}
        self._messages: dict[str, str] = {}
        self._edits: dict[str, items.FileChange] = {}
        self._address = address
        self._token = token
        self._wire: AppServerLink | None = None
        self._early: list[jsonrpc.ServerRequest] | None = []
        self._silent = True
        self._new_request = asyncio.Event()
        self._refusals: set[asyncio.Task[None]] = set()

    @property
    def link(self) -> Link:
        """What `reconcile` sees of it."""
        return Link(
            generation=self.generation,
            endpoint=self.endpoint,
            loaded=self._loaded and self._held_back is None,
            idle=self._idle,
            asking=frozenset(self.asking),
        )

    async def closed(self) -> str:
        """Waits until the connection has ended; the reason."""
        return await self._connected.closed()

    async def close(self) -> None:
        """Ends the connection; server and thread go on."""
        if self._wire:
            await self._wire.close()
        self._frames.close()

    @property
    def home(self) -> str:
        """The server's CODEX_HOME, empty until it has answered."""
        return self._wire.home if self._wire else ""

    @property
    def server(self) -> tree.Process | None:
        """The server's process, if it is on this machine and the system tells."""
        return self._wire.listener if self._wire else None

    @property
    def _connected(self) -> AppServerLink:
        if self._wire is None:
            raise LinkLost(f"{self.agent} is not connected")
        return self._wire

    # -- loading

    async def load(self, held: frozenset[int | str]) -> msg.ThreadLoaded:
        """Connects, loads (or starts) the thread, and says what is in it.

        `held` are requests that the state holds open; those that Codex does not repeat are told as resolved.
        Raises TmuxorchError when the server does not answer.
        """
        self._wire = await AppServerLink.connect(
            self._address,
            token=self._token,
            on_frame=self._frames.add,
            on_notification=self._notified,
            on_request=self._asked,
        )
        known = self.generation and self.thread
        if self.endpoint and not (known and await self._loader.still_has(self.thread)):
            self.generation += 1
            held = frozenset()
        loaded = await self._loader.load(self.thread)
        self.thread = loaded.id
        self._remember(loaded.turns)
        turns = await self._loader.settled(loaded)
        await self._replayed(loaded, held)
        for request in held - set(self.asking):
            self._tell(self._resolved(request))
        self._idle = not any(turn.status == "inProgress" for turn in turns)
        self._loaded = True
        return msg.ThreadLoaded(
            agent=self.agent,
            generation=self.generation,
            thread=self.thread,
            version=dotted(self._wire.version),
            turns=tuple(seen.stored(turn) for turn in turns),
        )

    def _remember(self, turns: tuple[results.Turn, ...]) -> None:
        """Keeps what a request may be about, and turns to the requests that came before it was known."""
        for turn in turns:
            self._edits |= {item.id: item for item in turn.items if isinstance(item, items.FileChange)}
            for attempt in (one for item in turn.items for one in seen.tried(self.agent, item)):
                self._tell(attempt)
        early, self._early = self._early or [], None
        for request in early:
            self._asked(request)

    async def _replayed(self, loaded: results.Thread, held: frozenset[int | str]) -> None:
        """Waits for the requests that a thread, which says that it waits for a human, sends again, one by one."""
        if any(flag.startswith("waitingOn") for flag in loaded.flags):
            await self._until(lambda: not self._silent, REPEATED)
            await self._until(lambda: held <= self.asking.keys(), SETTLE)

    async def _until(self, enough: Callable[[], bool], timeout: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not enough():
                    self._new_request.clear()
                    await self._new_request.wait()

    def _spoke(self) -> None:
        """Codex has asked something since the load, or the thread does not wait any more as it did then."""
        self._silent = False
        self._new_request.set()

    def release(self) -> None:
        """Lets what was told since the load go out: first the load itself has to be known."""
        held, self._held_back = self._held_back or [], None
        for message in held:
            self._tell_now(message)

    def _tell(self, message: msg.Message) -> None:
        if self._held_back is None:
            self._tell_now(message)
        else:
            self._held_back.append(message)

    # -- doing

    def expect(self, mark: str, turn: str) -> None:
        """The next user message with this mark begins our `turn`."""
        self._expected[mark] = turn
        self._idle = False

    async def call(self, method: str, params: appserver.Params, timeout: float = QUICK) -> Raw:
        """One request to the server. Raises TimedOut, or TmuxorchError with the server's words."""
        return await self._connected.call(method, params, timeout)

    async def reply(self, checkpoint: m.Checkpoint, answer: m.Answer) -> None:
        """Sends the answer of a checkpoint, which is whole here, unless Codex took another one before: that was told by
        the time that it answers what it is asked now."""
        origin = checkpoint.origin
        assert isinstance(origin, m.FromServer)
        with contextlib.suppress(CallRefused, TimedOut):
            await self.call(appserver.THREAD_READ, appserver.thread_read(self.thread), HEARD)
        if origin.request not in self.asking:
            return
        self._replied.add(origin.request)
        await self._connected.respond(origin.request, cards.reply(origin.method, origin.params, answer))

    # -- being told

    def _asked(self, request: jsonrpc.ServerRequest) -> None:
        if self._early is not None:
            self._early.append(request)
            return
        params = json.loads(bytes(request.params))
        if params.get("threadId", self.thread) != self.thread:
            return  # another client's matter
        self._spoke()
        try:
            card = cards.card(request.method, request.params, self._edits)
        except TmuxorchError as error:
            log.warning("%s: refused %s: %s", self.agent, request.method, error)
            refusal = self._connected.refuse(request.id, *approvals.refusal(request.method))
            task = asyncio.create_task(refusal)
            self._refusals.add(task)
            task.add_done_callback(self._refusals.discard)
            return
        self.asking[request.id] = request
        self._tell(
            msg.ServerAsked(
                agent=self.agent,
                generation=self.generation,
                request=request.id,
                method=request.method,
                params=bytes(request.params).decode(),
                card=card,
                digest=digest(card),
                codex_turn=str(params.get("turnId") or ""),
            )
        )
        self._changed()

    def _resolved(self, request: int | str, elsewhere: bool = False) -> msg.ServerResolved:
        return msg.ServerResolved(
            agent=self.agent, generation=self.generation, request=request, elsewhere=elsewhere
        )

    def _notified(self, event: notifications.ServerEvent) -> None:
        match event:
            case notifications.ThreadStatus(thread=self.thread, type=status):
                self._idle = status != "active"
                if self._early is None:
                    self._spoke()
                self._changed()
            case (
                notifications.ItemStarted(item=item, turn=turn)
                | notifications.ItemCompleted(item=item, turn=turn)
            ) if event.thread == self.thread:
                self._saw_item(item, turn)
            case notifications.TokenUsage(thread=self.thread, total=total):
                self._tokens = m.Tokens(total.input, total.cached, total.output)
            case RateLimits(limit=limit, windows=windows) if windows:
                self._allowances[limit] = windows
            case notifications.RequestResolved(request=request):
                self.asking.pop(request, None)
                self._tell(self._resolved(request, elsewhere=request not in self._replied))
            case notifications.TurnCompleted() if event.thread == self.thread:
                self._turn_ended(event)
            case notifications.ErrorNotice(message=message):
                self.activity = message
            case _:
                pass

    def _saw_item(self, item: items.ThreadItem, turn: str) -> None:
        self.activity = items.describe(item)
        for attempt in seen.tried(self.agent, item):
            self._tell(attempt)
        match item:
            case items.UserMessage(client_id=str(mark)) if mark in self._expected:
                self._tell(msg.TurnBegan(id=self._expected.pop(mark), codex_turn=turn))
            case items.UserMessage(client_id=mark):
                ours = mark if mark and mark.startswith(OURS) else ""
                self._tell(
                    msg.TurnSeen(agent=self.agent, generation=self.generation, codex_turn=turn, mark=ours)
                )
            case items.AgentMessage(text=text):
                self._messages[turn] = text
            case items.FileChange(id=item_id):
                self._edits[item_id] = item
            case _:
                pass

    def _turn_ended(self, event: notifications.TurnCompleted) -> None:
        self.activity = ""
        self._edits.clear()
        windows = [window for allowance in self._allowances.values() for window in allowance]
        message = self._messages.pop(event.turn, "")
        self._tell(seen.finished(self.agent, event, message, self._tokens, windows))
