"""The stop ladder as a table of times."""

from __future__ import annotations

from signal import SIGINT, SIGKILL, SIGTERM

from tmuxorch.host.ladder import AGAIN, Ladder


def climb(ladder: Ladder, times: list[float]) -> list[int | None]:
    return [ladder.due(now) for now in times]


def test_each_step_comes_once_and_the_last_again_and_again() -> None:
    times = [10, 10.9, 11, 11.5, 13, 13 + AGAIN / 2, 13 + AGAIN, 20]
    expected = [SIGINT, None, SIGTERM, None, SIGKILL, None, SIGKILL, SIGKILL]
    assert climb(Ladder((1, 2), 10), times) == expected


def test_a_step_that_comes_late_leaves_the_next_its_time() -> None:
    times = [15, 15.5, 16, 17, 18]
    assert climb(Ladder((1, 2), 10), times) == [SIGINT, None, SIGTERM, None, SIGKILL]


def test_next_is_when_to_wake_up() -> None:
    ladder = Ladder((1, 2), 10)
    found = []
    for _ in range(4):
        found.append(ladder.next)
        ladder.due(ladder.next)
    assert found == [10, 11, 13, 13 + AGAIN]


def test_skipping_goes_to_kill() -> None:
    ladder = Ladder((600, 600), 10)
    ladder.due(10)
    ladder.skip(12)
    assert climb(ladder, [12, 12 + AGAIN]) == [SIGKILL, SIGKILL]
