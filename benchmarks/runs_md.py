"""runs.md, which is written whole at each change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from benchmarks import history
from benchmarks.measure import Row, Sample, compare, timed
from tmuxorch.ledger import runs_md


def rows(_: Path) -> Iterator[Row]:
    """Entries that were rendered before, and ones that were not."""
    page = runs_md.view(history.state(runs_md.KEEP), history.NOW)
    text = runs_md.render(page)
    later = itertools.count(1)

    def rendered(before: bool) -> Sample:
        def sample() -> float:
            moved = history.NOW + next(later)
            new = replace(page, entries=tuple(replace(one, at=one.at + moved) for one in page.entries))
            if before:
                runs_md.render(new, text)
            return timed(lambda: runs_md.render(new, text))()

        return sample

    yield compare(
        f"runs.md with {runs_md.KEEP} entries rendered again",
        "rendered for the first time",
        rendered(before=True),
        rendered(before=False),
        rounds=20,
    )
