"""What has ended since somebody looked last, in words for whoever leads the work: nobody needs to poll."""

from __future__ import annotations

import re
from collections.abc import Callable

from tmuxorch.controller import outcomes
from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.errors import NotFound, Refused
from tmuxorch.store.paths import ProjectPaths

SAID = 400
"""Characters of what a worker said that a digest has."""

LONG = 12_000
"""Characters of a digest after which news are left out."""

SKILL = re.compile(r"\$(?=\w)")

SOME = 5
"""Paths that a digest names."""

End = tuple[float, int, str]
"""When something ended, its number and its name: of what ended in the same moment, the older one comes first."""


def end_of(state: m.State, name: str) -> End:
    """The end of the worker or run of a pattern of that name. Raises NotFound, and Refused when it has not ended."""
    if (end := _ends(state).get(name)) is not None:
        return end
    if name in state.workers or name in state.patterns:
        raise Refused(f"{name} still runs", hint=f"tmuxorch wait {name}")
    raise NotFound(f"no worker or pattern run {name!r}", hint="tmuxorch ls")


def ended_since(state: m.State, since: End) -> list[str]:
    """What has ended after that, in the order in which it did."""
    return [name for *_, name in sorted(end for end in _ends(state).values() if end > since)]


def _ends(state: m.State) -> dict[str, End]:
    workers = {one.id: one.life.at for one in state.workers.values() if isinstance(one.life, m.Exited)}
    patterns = {run.id: run.end.at for run in state.patterns.values() if run.end}
    return {name: (at, int(name[1:]), name) for name, at in (workers | patterns).items()}


def words(paths: ProjectPaths, state: m.State, names: list[str]) -> str:
    """A paragraph for each: how it ended, the beginning of what it said, and where the whole is."""
    return "\n\n".join(
        _pattern(state.patterns[name]) if name in state.patterns else _worker(paths, state, name)
        for name in names
    )


def told(paths: ProjectPaths, state: m.State, span: tuple[int, int], hide: Callable[[str], str] = str) -> str:
    """The news from the first to the last number of `span`: a line each, with the tool that has the whole, and the
    beginning of what agents said; `hide` masks the secrets in a text.

    If that is long, those that the lead waits for come before others, and newer ones before older ones; how many are
    left out is said, and how many are not kept any more.
    """
    first, last = span
    news = [one for one in state.news if first <= one.number <= last]
    gone = (news[0].number if news else last + 1) - first
    shown, room = dict[int, str](), LONG
    for one in sorted(news, key=lambda one: (not one.wakes, -one.number)):
        shown[one.number] = _piece(paths, state, one, hide)
        if (room := room - len(shown[one.number])) < 0:
            break
    left = len(news) - len(shown)
    lines = (
        [f"- {gone} older ones are not kept any more: status says where everything stands"]
        if gone > 0
        else []
    )
    lines += (
        [f"- {left} are left out here: `news` of wait_for_events(since={first - 1}) has them"] if left else []
    )
    return "\n".join([*lines, *(shown[number] for number in sorted(shown))])


def _piece(paths: ProjectPaths, state: m.State, news: m.News, hide: Callable[[str], str]) -> str:
    more, said = _whole(paths, state, news.about)
    line = f"- {_harmless(text.line(hide(news.text)))}" + (f" ({more})" if more else "")
    words = text.clip(_harmless(text.line(hide(said)[: SAID * 4])), SAID)
    return f"{line}\n  its words: {words}" if words else line


def _harmless(words: str) -> str:
    """Codex takes `$name` in a prompt for the wish to use the skill of that name."""
    return SKILL.sub("$ ", words)


def _whole(paths: ProjectPaths, state: m.State, about: str) -> tuple[str, str]:
    """The tool that has all about it, and what a worker or a child said last, if it has ended. What workers of a
    pattern said is in the one result of that.
    """
    if worker := state.workers.get(about):
        speaks = isinstance(worker.life, m.Exited) and not worker.spec.pattern
        said = outcomes.last_message(paths.attempt(about, worker.attempt)) if speaks else ""
        return f"get_result {about}", said
    if turn := state.turns.get(about):
        return f"get_turn {about}", turn.over.message if turn.over else ""
    if about in state.patterns:
        return f"get_result {about}", ""
    return (f"get_checkpoint {about}" if about in state.checkpoints else ""), ""


def _pattern(run: m.PatternRun) -> str:
    assert run.end is not None
    said = text.line(run.end.summary or run.end.reason)
    return f"{run.id} {run.spec.pattern.name} {run.end.outcome}: {said}\n  tmuxorch result {run.id}"


def _worker(paths: ProjectPaths, state: m.State, name: str) -> str:
    worker = state.workers[name]
    assert isinstance(worker.life, m.Exited)
    what = f"{name} {worker.spec.label}" + (f" (for {worker.spec.pattern})" if worker.spec.pattern else "")
    said = worker.life.reason or outcomes.last_message(paths.attempt(name, worker.attempt))[: SAID * 4]
    lines = [f"{what} {worker.life.outcome}: {text.clip(text.line(said), SAID)}"]
    if wrong := worker.violations:
        more = f" and {len(wrong) - SOME} more" if len(wrong) > SOME else ""
        lines.append(f"  changed outside of its paths: {', '.join(wrong[:SOME])}{more}")
    return "\n".join([*lines, f"  tmuxorch result {name}"])
