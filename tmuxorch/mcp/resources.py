"""Resources: the plan, the record of the runs, reports and results, each as Markdown."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from tmuxorch.core import text
from tmuxorch.errors import NotFound, TmuxorchError
from tmuxorch.mcp.call import Session

SCHEME = "tmuxorch://"
PLAN, RUNS, REPORTS, RESULTS = (f"{SCHEME}{name}" for name in ("plan.md", "runs.md", "reports/", "results/"))

LISTED = 50
"""Reports and results that are listed, the newest of each; all can be read."""


class Resource(Struct, frozen=True):
    """Something to read."""

    uri: str
    name: str
    about: str


TEMPLATES = (
    Resource(f"{REPORTS}{{run}}", "report", "The report of a run (R1), as it stands now."),
    Resource(f"{RESULTS}{{id}}", "result", "What a worker (W1) said last, or a pattern (P1) came to, whole."),
)


async def listed(session: Session) -> list[Resource]:
    """Those that there are; without a project or controller, what can be seen without."""
    try:
        paths = session.link.paths
    except TmuxorchError:
        return []
    files = (
        (paths.plan, Resource(PLAN, "plan.md", "The plan of the newest run, as it is in force.")),
        (paths.runs, Resource(RUNS, "runs.md", "The record: what was done, with which result.")),
    )
    found = [one for path, one in files if path.is_file()]
    try:
        status = await session.link.look("status", {})
        runs = await session.link.look("runs", {})
    except TmuxorchError:
        return found
    ended = [
        *((one["id"], one["label"]) for one in status["workers"] if one["state"] == "exited"),
        *((one["id"], one["pattern"]) for one in status["patterns"] if one["state"] == "ended"),
    ]
    return [
        *found,
        *(
            Resource(REPORTS + one["id"], f"report {one['id']}", text.line(one["problem"])[:120])
            for one in runs[-LISTED:]
        ),
        *(Resource(RESULTS + name, f"result {name}", text.line(what)) for name, what in ended[-LISTED:]),
    ]


async def read(session: Session, uri: str) -> str:
    """The text of a resource. Raises NotFound, and what the controller raises."""
    if uri in (PLAN, RUNS):
        path = session.link.paths.plan if uri == PLAN else session.link.paths.runs
        try:
            return text.block(path.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            raise NotFound(f"there is no {path.name} yet", hint="status") from None
    for prefix, method, key in ((REPORTS, "report", "markdown"), (RESULTS, "result", "message")):
        if uri.startswith(prefix):
            said: dict[str, Any] = await session.link.look(method, {"id": uri.removeprefix(prefix)})
            return text.block(said[key])
    raise NotFound(
        f"there is no resource {uri!r}", hint=f"{PLAN}, {RUNS}, {TEMPLATES[0].uri}, {TEMPLATES[1].uri}"
    )
