"""The names that a shell completes: those of the project as it is, and nothing that a shell could take for more."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tmuxorch.cli.app import App
from tmuxorch.cli.output import Json, fitted
from tmuxorch.cli.streams import in_ascii, locale_has_unicode
from tmuxorch.codex.visible import visible_line
from tmuxorch.errors import TmuxorchError

Found = tuple[str, str, str]
"""`plain`, `dir` or `file` (then the shell completes that itself); a name; what is said of it."""

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]*")
"""Names that mean nothing else to any shell. Others are not completed."""

ANSWER_TIME = 0.1
"""Seconds that a controller has for an answer; then the journal is read."""

ABOUT = 60
"""Columns of what is said of a name."""

BEGINNING = 4096
"""Characters of a file in which its title stands, if it is to be seen."""

FIXED_WINDOWS = ("overview", "checkpoints", "orchestrator", "controller")


def _plain(rows: Iterable[tuple[str, str]], typed: Any = ()) -> Iterator[Found]:
    """Rows of name and description; not what was typed already."""
    for name, about in rows:
        if SAFE.fullmatch(name) and name not in (typed or ()):
            said = visible_line(about)
            yield "plain", name, fitted(said if locale_has_unicode() else in_ascii(said), ABOUT)


def _look(context: click.Context, method: str, **params: Any) -> Any:
    """As `App.look`, but a controller that does not answer at once counts as none."""
    from tmuxorch.cli.client import API, dial

    paths = context.find_object(App).paths  # type: ignore[union-attr]
    with contextlib.suppress(TmuxorchError, OSError), dial(paths) as client:
        client.give_up_after(ANSWER_TIME)
        client.call("hello", {"api": API})
        return client.call(method, params)
    return getattr(import_module("tmuxorch.cli.offline"), method)(paths, **params)


# ---- workers and patterns ---------------------------------------------------------------------------------------


def _workers(status: Json, ended: bool | None = None) -> Iterator[tuple[str, str]]:
    """The newest first."""
    for one in reversed(status["workers"]):
        if ended is None or (one["state"] == "exited") is ended:
            yield one["id"], f"{one['label']}: {one.get('outcome') or one['state']}"


def _patterns(status: Json, ended: bool | None = None) -> Iterator[tuple[str, str]]:
    for one in reversed(status.get("patterns") or ()):
        if ended is None or (one["state"] == "ended") is ended:
            yield one["id"], f"{one['pattern']}: {one.get('outcome') or one['state']}"


def _at_work(context: click.Context) -> Iterable[Found]:
    status = _look(context, "status")
    rows = [*_workers(status, ended=False), *_patterns(status, ended=False)]
    return _plain(rows, context.params.get("workers"))


def _over(context: click.Context) -> Iterable[Found]:
    status = _look(context, "status")
    return _plain([*_workers(status, ended=True), *_patterns(status, ended=True)])


def _over_workers(context: click.Context) -> Iterable[Found]:
    return _plain(_workers(_look(context, "status"), ended=True))


def _with_log(context: click.Context) -> Iterable[Found]:
    status = _look(context, "status")
    return _plain([*_workers(status), *_names(status), ("controller", "what it did")])


# ---- children, windows ------------------------------------------------------------------------------------------


def _names(status: Json) -> Iterator[tuple[str, str]]:
    yield from ((one["name"], one["state"]) for one in status["children"])


def _children(context: click.Context) -> Iterable[Found]:
    return _plain(_names(_look(context, "status")))


def _agents(context: click.Context) -> Iterable[Found]:
    return _plain([*_names(_look(context, "status")), ("orchestrator", "the lead")])


def _callers(context: click.Context) -> Iterable[Found]:
    """Those about whom people are called."""
    status = _look(context, "status")
    return _plain([*_names(status), ("orchestrator", "the lead"), *_workers(status)])


def _windows(context: click.Context) -> Iterable[Found]:
    status = _look(context, "status")
    fixed = ((name, "") for name in FIXED_WINDOWS)
    return _plain([*fixed, *_names(status), *_workers(status)])


# ---- checkpoints ------------------------------------------------------------------------------------------------


def _open(context: click.Context) -> Iterable[Found]:
    rows = _look(context, "checkpoints", all=False)
    return _plain((one["id"], f"{one['source']}: {one['title']}") for one in rows)


def _answers(context: click.Context) -> Iterable[Found]:
    if context.params.get("words"):
        return ()
    point = _look(context, "show", id=context.params["checkpoint"])
    fields: Sequence[Json] = point.get("fields") or ()
    options = fields[0].get("options") or () if len(fields) == 1 else ()
    return _plain((one["key"], one.get("label") or "") for one in (*point.get("choices", ()), *options))


# ---- runs, templates --------------------------------------------------------------------------------------------


def _runs(context: click.Context) -> Iterable[Found]:
    rows = reversed(_look(context, "runs"))
    return _plain((one["id"], f"{one.get('outcome') or one['phase']}: {one['problem']}") for one in rows)


def _active_runs(context: click.Context) -> Iterable[Found]:
    rows = _look(context, "runs")
    return _plain((one["id"], one["problem"]) for one in rows if not one.get("outcome"))


def _templates(context: click.Context) -> Any:
    from tmuxorch.store.templates import Templates

    return Templates(context.find_object(App).paths.project, os.environ)  # type: ignore[union-attr]


def _pattern_names(context: click.Context) -> Iterable[Found]:
    return _listed(context, "patterns", "title")


def _listed(context: click.Context, kind: str, key: str) -> Iterable[Found]:
    """The files are not checked: that would take longer than all the rest."""
    found = _templates(context).files(kind)
    return _plain((name, _said(path, key)) for name, path in sorted(found.items()))


def _said(path: Path, key: str) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        title = re.search(rf"^{key}:(.*)$", file.read(BEGINNING), re.MULTILINE)
    return title[1].strip().strip("'\"") if title else ""


def _roles(context: click.Context) -> Iterable[Found]:
    return _listed(context, "roles", "about")


def _lenses(context: click.Context) -> Iterable[Found]:
    return _plain(_templates(context).lenses().items(), context.params.get("lenses"))


def _directory(context: click.Context) -> Iterable[Found]:
    return [("dir", "", "")]


def _file(context: click.Context) -> Iterable[Found]:
    return [("file", "", "")]


LIVE: dict[tuple[str, str], Callable[[click.Context], Iterable[Found]]] = {
    ("*", "project_directory"): _directory,
    ("attach", "window"): _windows,
    ("cancel", "run"): _active_runs,
    ("report", "run"): _runs,
    ("run", "file"): _file,
    **{(f"child {verb}", "name"): _children for verb in ("rm", "start", "stop", "restart")},
    **{(verb, "name"): _agents for verb in ("ask", "steer", "interrupt", "tui")},
    **{(verb, "name"): _callers for verb in ("mute", "unmute")},
    ("checkpoints", "card"): _open,
    ("exec", "role"): _roles,
    ("exec", "lens"): _lenses,
    ("exec", "place"): _directory,
    ("exec", "context"): _file,
    ("logs", "name"): _with_log,
    ("result", "worker"): _over,
    ("wait", "workers"): _at_work,
    ("stop", "workers"): _at_work,
    ("rerun", "worker"): _over_workers,
    ("resume", "worker"): _over_workers,
    ("pattern show", "name"): _pattern_names,
    ("pattern run", "name"): _pattern_names,
    ("pattern run", "lenses"): _lenses,
    ("pattern run", "place"): _directory,
    ("pattern run", "context"): _file,
    **{(verb, "checkpoint"): _open for verb in ("show", "approve", "decline", "answer")},
    ("answer", "words"): _answers,
}
"""By command and parameter."""
