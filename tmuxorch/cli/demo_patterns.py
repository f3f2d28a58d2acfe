"""A story of the demo that runs patterns, one after the other."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence

from msgspec.structs import asdict

from tmuxorch.cli import output
from tmuxorch.cli.client import connect
from tmuxorch.cli.output import Json
from tmuxorch.demo.stories import Story, Wanted
from tmuxorch.errors import TimedOut
from tmuxorch.store.paths import ProjectPaths

LOOK = 0.5
"""Seconds between looks at whether somebody still watches."""

Watcher = subprocess.Popen[bytes]
"""Somebody's terminal that shows the session: nothing else may write to it."""


def play(paths: ProjectPaths, story: Story, auto: bool) -> list[Json]:
    """The runs, once all have ended. What happens, and each result, is told on stderr; unless `auto` the session is
    shown meanwhile, until the user detaches, and the results are told after that.
    """
    from tmuxorch.cli.start import start

    with output.waiting("starting the controller"):
        start(paths)
    ended = []
    with contextlib.nullcontext() if auto else _watching(paths) as watcher:
        for wanted in story.extras.patterns:
            ended.append(_run(paths, wanted, watcher))
            if auto:
                _tell_result(paths, ended[-1])
    for run in () if auto else ended:
        _tell_result(paths, run)
    return ended


@contextlib.contextmanager
def _watching(paths: ProjectPaths) -> Iterator[Watcher]:
    """Shows the session at its overview; ends when the user has detached."""
    from tmuxorch.cli.attach import attach_argv

    output.note("nothing waits for you here: look at the windows; to leave the session, Ctrl-B, then d")
    # The session is on a server of its own: a tmux around us is no reason not to attach.
    env = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
    with subprocess.Popen(attach_argv(paths, "overview"), env=env) as watcher:
        yield watcher


def _run(paths: ProjectPaths, wanted: Wanted, watcher: Watcher | None) -> Json:
    params = asdict(wanted) | {"cd": str(paths.project / wanted.cd)}
    with connect(paths) as client:
        begun: Json = client.call("pattern_run", params)
        while watcher and watcher.poll() is None:
            with contextlib.suppress(TimedOut):
                return _first(client.call("wait", {"ids": [begun["id"]], "timeout": LOOK}))
    from tmuxorch.cli.follow import follow, heading

    output.note(f"\n{heading(begun)}")
    return _first(follow(paths, ("wait", {"ids": [begun["id"]]})))


def _first(ended: Sequence[Json]) -> Json:
    return ended[0]


def _tell_result(paths: ProjectPaths, run: Json) -> None:
    with connect(paths) as client:
        output.note("\n" + str(client.call("result", {"id": run["id"]})["message"]))


def tell(paths: ProjectPaths, ended: Sequence[Json]) -> None:
    """How the runs ended, how their work is merged, and what else there is to look at."""
    from tmuxorch.cli.workers import tell_changes_for

    here = paths.project
    with connect(paths) as client:
        status: Json = client.call("status")
    output.note("\n" + ", ".join(f"{run['id']} {run['outcome']}" for run in ended) + ".")
    tell_changes_for(status, [run["id"] for run in ended])
    output.note("Look at:")
    rows = [row for run in ended for row in _rows(paths, run)]
    rows += [
        [f"{here}/runs.md", "the log"],
        [f"tmuxorch -C {here} ls", "all workers"],
        [f"tmuxorch -C {here} journal", "everything that happened"],
    ]
    for line in output.aligned(rows):
        output.note(f"  {line}")


def _rows(paths: ProjectPaths, run: Json) -> Iterator[list[str]]:
    name, found = run["id"], paths.pattern(run["id"]) / "result.sarif"
    yield [f"tmuxorch -C {paths.project} result {name}", f"the result of {name}"]
    if found.exists():
        yield [str(found), f"the findings of {name} in SARIF"]
    last = run["steps"][-1]["workers"]
    if last:
        told = paths.worker(last[-1]) / "prompt.md"
        yield [str(told), f"what {last[-1]} was told, with what came before it as data"]
