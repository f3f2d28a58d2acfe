"""The loop: one queue, one decider, write-ahead.

Messages are decided one after the other on the live state; their events are appended together and made durable by
one fsync. Only then do those who asked get their answer, are the waiting woken, and are effects begun: nothing is
done about a fact that is not in the journal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from tmuxorch.controller.vault import Vault
from tmuxorch.core import events as e
from tmuxorch.core.decide import decide
from tmuxorch.core.messages import Message, Settings
from tmuxorch.core.model import State
from tmuxorch.errors import Bug, Refused, StorageError, TimedOut, TmuxorchError

log = logging.getLogger(__name__)

T = TypeVar("T")

Listener = Callable[[State, list[e.Event]], None]


class Record(Protocol):
    """Where events become durable (store.journal)."""

    def append(self, event: bytes, at: float) -> None:
        """Adds one encoded event; not durable yet."""

    def commit(self) -> None:
        """Makes all that was appended durable; blocks for one fsync."""


class Engine:
    """The state and the only way to change it. `state` is durable: what listeners and effects may act upon.

    `vault` has what no state may hold; nothing of it gets into one.
    """

    def __init__(
        self,
        state: State,
        record: Record,
        settings: Callable[[], Settings],
        clock: Callable[[], float],
    ) -> None:
        self.state = state
        self.listeners: list[Listener] = []
        self.vault = Vault()
        self._record = record
        self._settings = settings
        self._clock = clock
        self._queue: asyncio.Queue[tuple[Message, asyncio.Future[State] | None]] = asyncio.Queue()
        self._waiters: set[asyncio.Event] = set()
        self._failure: TmuxorchError | None = None

    def post(self, message: Message) -> None:
        """Takes an observation; nobody waits for it."""
        self._queue.put_nowait((self.vault.masked(message), None))

    async def submit(self, message: Message) -> State:
        """Takes a message; returns the durable state after it. Raises what the decision raised."""
        if self._failure:
            raise self._failure
        future: asyncio.Future[State] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((self.vault.masked(message), future))
        return await future

    async def until(
        self, condition: Callable[[State], T | None], timeout: float | None = None, what: str = ""
    ) -> T:
        """The first value of `condition` that is true. Raises TimedOut after `timeout` seconds, and Refused when the
        journal cannot be written any more."""
        changed = asyncio.Event()
        self._waiters.add(changed)
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changed.clear()
                    if value := condition(self.state):
                        return value
                    if self._failure:
                        raise self._failure
                    await changed.wait()
        except TimeoutError:
            raise TimedOut(
                f"not within {timeout:g} s: {what or 'the condition'}", hint="tmuxorch status"
            ) from None
        finally:
            self._waiters.discard(changed)

    async def run(self) -> None:
        """Serves the queue for ever. Returns only by cancellation; raises when the journal cannot be written."""
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._serve(batch)

    async def _serve(self, batch: list[tuple[Message, asyncio.Future[State] | None]]) -> None:
        live, recorded, granted = self.state, list[e.Event](), list[asyncio.Future[State]]()
        encoded = list[bytes]()
        now = self._clock()
        for message, future in batch:
            try:
                after, events = decide(live, message, self._settings(), now)
                encoded += [e.encode(event) for event in events]
            except Exception as error:
                _refuse(message, future, error)
                continue
            live = after
            recorded += events
            if future and not future.cancelled():
                granted.append(future)
        if recorded:
            try:
                await self._write(encoded, now)
            except (OSError, StorageError) as error:
                raise self._fail(error, granted) from error
        self.state = live
        for future in granted:
            if not future.done():
                future.set_result(live)
        if recorded:
            self._publish(recorded)

    async def _write(self, encoded: list[bytes], now: float) -> None:
        for event in encoded:
            self._record.append(event, now)
        await asyncio.to_thread(self._record.commit)

    def _fail(self, error: Exception, granted: list[asyncio.Future[State]]) -> Refused:
        """Tells everybody who waits; what it tells."""
        reason = error.strerror if isinstance(error, OSError) else error
        self._failure = Refused(
            f"the journal cannot be written: {reason}", hint="make room, then type: tmuxorch up"
        )
        for future in granted:
            if not future.done():
                future.set_exception(self._failure)
        for changed in self._waiters:
            changed.set()
        return self._failure

    def _publish(self, events: list[e.Event]) -> None:
        for changed in self._waiters:
            changed.set()
        for listener in self.listeners:
            listener(self.state, events)


def _refuse(message: Message, future: asyncio.Future[State] | None, error: Exception) -> None:
    if not isinstance(error, TmuxorchError) or isinstance(error, Bug):
        log.error("%s could not be decided", type(message).__name__, exc_info=error)
        if not isinstance(error, TmuxorchError):
            error = Bug(f"{type(error).__name__} while deciding {type(message).__name__}: {error}")
    if future is None:
        log.warning("%s was turned down: %s", type(message).__name__, error)
    elif not future.done():
        future.set_exception(error)
