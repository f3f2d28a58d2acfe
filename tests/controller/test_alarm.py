"""The one timer: it rings at the time it was set for last, and not before, however the loop's clock runs."""

from __future__ import annotations

import pytest

from tests.waiting import auntil
from tmuxorch.controller import alarm
from tmuxorch.controller.alarm import Alarm


class Clock:
    """A clock that stands still, and the times at which the alarm rang."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.rang: list[float] = []
        self.asked = 0
        self.alarm = Alarm(self, lambda: self.rang.append(self.now))

    def __call__(self) -> float:
        self.asked += 1
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(alarm, "LONGEST", 0.01)
    return Clock()


async def test_it_rings_once_when_the_time_has_come(clock: Clock) -> None:
    clock.alarm.set(1005.0)
    await auntil(lambda: clock.asked > 4, what="some looks at the clock")
    assert clock.rang == []
    clock.now = 1005.0
    await auntil(lambda: clock.rang, what="the alarm")
    looked = clock.asked
    clock.alarm.set(None)
    clock.alarm.set(990.0)
    await auntil(lambda: len(clock.rang) == 2, what="an alarm for a time that is over")
    assert clock.rang == [1005.0, 1005.0]
    assert clock.asked - looked <= 3


async def test_only_the_last_time_counts(clock: Clock) -> None:
    clock.alarm.set(1001.0)
    clock.alarm.set(None)
    clock.now = 2000.0
    clock.alarm.set(3000.0)
    looked = clock.asked
    await auntil(lambda: clock.asked > looked + 4, what="some looks at the clock")
    assert clock.rang == []
    clock.alarm.set(1500.0)
    await auntil(lambda: clock.rang, what="the alarm")


async def test_a_clock_that_was_set_back_is_waited_for(clock: Clock) -> None:
    clock.alarm.set(1005.0)
    clock.now = 500.0
    looked = clock.asked
    await auntil(lambda: clock.asked > looked + 4, what="some looks at the clock")
    assert clock.rang == []
