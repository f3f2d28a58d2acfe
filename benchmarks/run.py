"""Speed and memory as ratios, measured within one run: `python benchmarks/run.py [NAME…]` prints one table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# Our files are modules of `benchmarks`; a script's own directory would make top-level ones of them.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import core, host, journal, overview, runs_md, status, tail, tmux, waking, workers
from benchmarks.home import own_home
from benchmarks.measure import Row

BENCHMARKS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "tmux": tmux.rows,
    "status": status.rows,
    "host": host.rows,
    "journal": journal.rows,
    "core": core.rows,
    "workers": workers.rows,
    "runs_md": runs_md.rows,
    "tail": tail.rows,
    "overview": overview.rows,
    "waking": waking.rows,
}


def main() -> None:
    """Each benchmark gets an empty directory; rows are printed as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)} (default: all)"
    )
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    print(_line("", "ratio", "ours", "other", "ours", "other"))
    with own_home() as base:
        for name in names:
            directory = base / name
            directory.mkdir()
            for row in BENCHMARKS[name](directory):
                ratio = f"{row.ratio:.2g}" if row.ratio < 10 else f"{row.ratio:.0f}"
                ours, other = row.unit(row.ours), row.unit(row.other)
                print(_line(name, ratio, ours, other, row.what, row.against), flush=True)


def _line(name: str, ratio: str, ours: str, other: str, what: str, against: str) -> str:
    return f"{name:8}{ratio:>8}{ours:>10}{other:>10}  {what} / {against}"


if __name__ == "__main__":
    main()
