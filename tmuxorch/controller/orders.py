"""What a worker is told, and finds in its directory before it starts: its prompt, and the schema of its answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field, json

from tmuxorch.codex import workerprompt, workertries
from tmuxorch.codex.appserver import PROMPT_LIMIT
from tmuxorch.core import model as m
from tmuxorch.errors import NotFound, UsageError
from tmuxorch.store.atomic import write_atomic
from tmuxorch.store.paths import ProjectPaths, private_directory
from tmuxorch.store.templates import Templates

PROMPT, SCHEMA = "prompt.md", "schema.json"

FITS = "It fits the schema that was given with this task."
"""What goes into the JSON of an answer with a schema of the caller's own."""

Scope = Literal["read-only", "edit", "full"]


class Prompt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody wants a worker to be told; `schema` is a JSON Schema in strict form, of its answer."""

    task: str
    role: str = "free"
    scope: Scope = "read-only"
    paths: tuple[str, ...] = ()
    lens: str = ""
    context: dict[str, str] = field(default_factory=dict)
    schema: dict[str, Any] | None = None


def built(templates: Templates, asked: Prompt) -> str:
    """The whole prompt. UsageError for an unknown role or lens (names the nearest)."""
    lens = templates.lens(asked.lens) if asked.lens else ""
    role = templates.role(asked.role)
    form = FITS if asked.schema is not None else ""
    return workerprompt.build(role, asked.task, asked.scope, lens, asked.context, asked.paths, form=form)


def fitting(words: str) -> str:
    """`words`, if Codex takes as many. Raises UsageError."""
    if len(words) > PROMPT_LIMIT:
        raise UsageError(f"the prompt has {len(words)} characters, Codex takes {PROMPT_LIMIT}")
    return words


def read(paths: ProjectPaths, worker: m.Worker) -> tuple[str, dict[str, Any] | None]:
    """What a worker was told at first, and the schema of its answer. Raises NotFound when its files are gone."""
    directory = paths.worker(worker.id)
    try:
        words = (directory / PROMPT).read_text(encoding="utf-8")
        schema = json.decode((directory / SCHEMA).read_bytes()) if worker.spec.schema else None
    except OSError as error:
        raise NotFound(
            f"what {worker.id} was told is not there any more: {error.filename}", hint="tmuxorch exec …"
        ) from None
    return words, schema


def write(paths: ProjectPaths, worker: str, prompt: str, schema: dict[str, Any] | None) -> None:
    """The directory of a worker that is about to be queued; what a controller left there that died is overwritten."""
    directory = paths.worker(worker)
    private_directory(directory)
    write_atomic(directory / PROMPT, prompt.encode())
    if schema is not None:
        write_atomic(directory / SCHEMA, json.encode(schema))


def scratch(directory: Path) -> Path:
    """The temporary directory of a try, in its host directory; it goes with the end of the try."""
    return Path(os.path.realpath(directory)) / "tmp"


def write_try(paths: ProjectPaths, worker: m.Worker) -> None:
    """The directory of a worker's try; the prompt of the first one is there since the worker was queued."""
    directory = paths.attempt(worker.id, worker.attempt)
    if worker.spec.edits or worker.spec.scratch:
        private_directory(directory)
        private_directory(scratch(directory))
    if worker.attempt == 1 or (directory / PROMPT).exists():
        return
    private_directory(directory)
    first = (paths.worker(worker.id) / PROMPT).read_text(encoding="utf-8")
    write_atomic(directory / PROMPT, _words(worker, first).encode())


def _words(worker: m.Worker, first: str) -> str:
    if worker.kind is m.Kind.REPAIR:
        return workertries.repair(worker.reason)
    return workertries.once_more(first) if worker.spec.edits else first
