"""Two things measured in turns, and their ratio: how fast the machine is, and whether it slows down, cancels out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

Sample = Callable[[], float]
"""Does the thing once; what it cost, in seconds or bytes."""


class Row(NamedTuple):
    """One line of the table: medians of `ours` and `other`, both as `unit` shows them, and what they are of."""

    ours: float
    other: float
    unit: Callable[[float], str]
    what: str
    against: str

    @property
    def ratio(self) -> float:
        """How many times `other` it costs."""
        return self.ours / self.other


def seconds(value: float) -> str:
    """A time as people read it."""
    for size, name in ((1, "s"), (1e-3, "ms")):
        if value >= size:
            return f"{value / size:.3g} {name}"
    return f"{value * 1e6:.3g} µs"


def megabytes(value: float) -> str:
    """A number of bytes as people read it."""
    return f"{value / 1e6:.1f} MB"


def compare(
    what: str,
    against: str,
    ours: Sample,
    other: Sample,
    *,
    rounds: int,
    unit: Callable[[float], str] = seconds,
) -> Row:
    """`rounds` times one after the other, after one round that does not count."""
    samples = [(ours(), other()) for _ in range(1 + rounds)]
    return row(what, against, samples, unit)


def row(
    what: str,
    against: str,
    samples: Sequence[tuple[float, float]],
    unit: Callable[[float], str] = seconds,
) -> Row:
    """The row of samples taken in turns; the first pair does not count."""
    mine, others = zip(*samples[1:], strict=True)
    return Row(median(mine), median(others), unit, what, against)


def timed(action: Callable[[], object], times: int = 1) -> Sample:
    """The seconds that `action` takes, on average over `times` in a row."""

    def sample() -> float:
        begin = time.perf_counter()
        for _ in range(times):
            action()
        return (time.perf_counter() - begin) / times

    return sample
