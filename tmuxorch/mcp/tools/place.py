"""What tools that start workers have in common: where these work, and with what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from tmuxorch.mcp.call import Call

PLACE = Annotated[
    str,
    Meta(
        description="Where the work is done: a child's name, or a directory (relative to the project, its default)."
    ),
]
CONTEXT = Annotated[
    dict[str, str],
    Meta(
        description="What has to be known, each text under a name: the context pack. Workers see nothing else."
    ),
]
PATHS = Annotated[
    tuple[str, ...],
    Meta(
        description="With scope edit: what may be changed, relative to `cd`. Nobody else writes there meanwhile."
    ),
]
WORKTREE = Annotated[bool, Meta(description="Edit in a git worktree and on a branch of its own.")]
MODEL = Annotated[str, Meta(description="Another model than the configured one.")]
TIMEOUT = Annotated[float, Meta(ge=0, description="Seconds after which a worker is ended; 0: none.")]


class Job(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where and with what workers are to work."""

    cd: PLACE = ""
    context: CONTEXT = field(default_factory=dict)
    paths: PATHS = ()
    worktree: WORKTREE = False
    model: MODEL = ""
    timeout: TIMEOUT = 0


async def asked(call: Call, job: Job) -> dict[str, Any]:
    """The same as the controller's API takes it."""
    return {
        "cd": await directory(call, job.cd),
        "context": job.context,
        "paths": job.paths,
        "worktree": job.worktree,
        "model": job.model,
        "timeout": job.timeout or None,
    }


async def directory(call: Call, place: str) -> str:
    """The absolute path of a child's repo by its name, else of a directory as seen from the project."""
    project = call.session.link.paths.project
    if place and "/" not in place:
        said = await call.look("status")
        for child in said["children"]:
            if child["name"] == place:
                return str(child["path"])
    return str(project / Path(place).expanduser())
