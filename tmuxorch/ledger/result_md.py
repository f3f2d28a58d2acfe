"""result.md: what a pattern came to, for a person to read from the top and to stop anywhere.

First whether it holds or what it comes to, and the one step to take next; then the ranked list, what stays open, what
is missing and why, and at the end how it was merged. Words of agents stay their words: a line is put together first
and escaped as a whole, since a backtick of one part would otherwise end a code span of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from tmuxorch.core import text
from tmuxorch.core.agreement import Given
from tmuxorch.core.curated import Ending, Result
from tmuxorch.core.locations import shown
from tmuxorch.core.merge import NEAR, MergedFinding
from tmuxorch.core.merge_notes import MergedNote, MergedOption
from tmuxorch.core.pattern import Answer
from tmuxorch.core.results import Brief, Verdict
from tmuxorch.ledger import blocks, inline, words
from tmuxorch.ledger.runs_values import timestamp
from tmuxorch.ledger.wrapping import wrapped

T = TypeVar("T")

TITLE, ABOUT, RAN, WORDS = 90, 60, 200, 4_000
"""Characters that are shown of a title, of what a worker had to look at, of what came of a command, and of an answer in
plain text; all of them are in result.json.
"""
RULES = (
    f"Findings of different workers are one where they are about the same file, at most {NEAR} lines apart, and say "
    "much the same, the remedy above all. They are ranked by severity, then by how many gave them, then by confidence."
)


def render(result: Result) -> str:
    """The whole page. The texts of `result` are in normal form, as core.curate leaves them."""
    parts = (
        _head(result),
        _verdict(result.verdict) if result.verdict else (),
        _brief("## Summary", result.brief) if result.brief else (),
        _titled("## Next step", [_prose(result.next_step)]),
        _findings(result),
        _options(result.options),
        _notes(result.notes),
        _titled("## What the workers said", _texts(result)),
        _titled("## What stays open", ["".join(map(_bullet, result.open))]),
        _titled("## What is missing", ["".join(_missing(result))]),
        _titled("## Before that", [block for one in result.earlier for block in _earlier(one)]),
        _titled("## How it was merged", _merging(result)),
    )
    return "\n\n".join(block.rstrip("\n") for part in parts for block in part if block) + "\n"


def _head(result: Result) -> Iterator[str]:
    yield _heading(1, text.clip(text.line(f"{result.run}: {result.title}"), TITLE))
    task = text.block(result.task)
    if "\n" in task:
        yield blocks.quote(task)
    elif task:
        yield wrapped(f"> {inline.escape_start(task)}", "> ")
    facts = [f"Pattern {inline.code(text.line(result.pattern))}", _count(len(result.workers), "worker")]
    started, ended = _moment(result.started), _moment(result.ended)
    if started is not None:
        facts.append(timestamp(started))
        if ended is not None:
            facts.append(f"took {words.ago(ended - started)}")
    yield _facts(facts)


def _moment(told: str) -> float | None:
    """A time of RFC 3339 in seconds since the epoch."""
    try:
        return datetime.fromisoformat(told).timestamp()
    except ValueError:
        return None


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"## Verdict: {verdict.verdict}"
    yield _prose(verdict.summary)
    yield "".join(map(_bullet, verdict.issues))
    results = [(_code(one.command), text.clip(text.line(one.result), RAN)) for one in verdict.checks]
    ran = [": ".join(filter(None, told)) for told in results if any(told)]
    yield "It ran, in its own words:" if ran else ""
    yield "".join(map(_bullet, ran))


def _brief(title: str, brief: Brief) -> Iterator[str]:
    yield title
    yield _prose(brief.summary)
    yield "".join(map(_bullet, brief.points))


def _findings(result: Result) -> Iterator[str]:
    looked = sum(one.form is Answer.FINDINGS for one in result.workers)
    if not result.findings:
        if looked:
            yield "## No findings"
            yield f"{_count(looked, 'worker')} looked for some."
        return
    given = sum(len(one.sources) for one in result.findings)
    yield f"## {_count(len(result.findings), 'finding')}"
    yield f"The worst first. {_count(given, 'was', 'were')} given, by {_count(looked, 'worker')}."
    for number, one in enumerate(result.findings, 1):
        yield _heading(3, f"{number}. {one.severity}: {text.clip(one.title, TITLE)}")
        agreement = f"{one.agreement} of {one.reviewers}" if one.reviewers > 1 else ""
        yield _facts(
            (_code(shown(one.file, one.line)), _who(one.sources), agreement, f"confidence {one.confidence}")
        )
        yield _labelled("Fix", one.fix) + _labelled("Evidence", one.evidence)


def _options(options: Sequence[MergedOption]) -> Iterator[str]:
    if not options:
        return
    yield f"## {_count(len(options), 'option')}"
    for number, one in enumerate(options, 1):
        yield _heading(3, f"{number}. {text.clip(one.name, TITLE)}")
        yield _prose(one.summary)
        points = [
            *(_labelled("For", pro) for pro in one.pros),
            *(_labelled("Against", con) for con in one.cons),
        ]
        yield "".join(points)
        yield _facts((f"By {_who(one.sources)}", f"effort: {one.effort}" if one.effort else ""))


def _notes(notes: Sequence[MergedNote]) -> Iterator[str]:
    if not notes:
        return
    yield f"## {_count(len(notes), 'note')}"
    facts = ((_code(one.source), _who(one.sources), f"confidence {one.confidence}") for one in notes)
    yield "".join(
        _bullet(f"{text.line(one.claim)} ({' · '.join(filter(None, told))})")
        for one, told in zip(notes, facts, strict=True)
    )


def _texts(result: Result) -> Iterator[str]:
    """What was answered in plain text, where there is nothing else: it is no result, only what one is made of."""
    if result.brief or result.verdict or result.findings or result.options or result.notes:
        return
    for one in result.texts:
        yield _heading(3, _worker(one.worker, one.about))
        yield blocks.quote(text.block(text.clip(one.text, WORDS)))


def _missing(result: Result) -> Iterator[str]:
    for one in result.missing:
        yield _bullet(f"{_worker(one.worker, one.about)}: {one.problem}")


def _earlier(one: Ending) -> Iterator[str]:
    title = f"{_worker(one.worker, one.about)}, step {text.line(one.step)}"
    if one.brief:
        yield from _brief(_heading(3, title), one.brief)
    if one.verdict:
        yield _heading(3, f"{title}: {one.verdict.verdict}")
        yield _prose(one.verdict.summary)


def _merging(result: Result) -> Iterator[str]:
    lists: tuple[tuple[str, Sequence[MergedFinding | MergedOption | MergedNote]], ...] = (
        ("Finding", result.findings),
        ("Option", result.options),
        ("Note", result.notes),
    )
    if not any(entries for _, entries in lists):
        return
    yield wrapped(RULES) if result.findings else ""
    merged = [
        _bullet(f"{name} {number}: {one.why}")
        for name, entries in lists
        for number, one in enumerate(entries, 1)
        if len(one.sources) > 1
    ]
    yield "".join(merged) or "Nothing was given twice."


def _titled(title: str, blocks_of_it: Iterable[str]) -> list[str]:
    """A section that is left out when there is nothing in it."""
    found = [block for block in blocks_of_it if block]
    return [title, *found] if found else []


def _heading(level: int, line: str) -> str:
    return f"{'#' * level} {inline.escape_title(line)}"


def _prose(block: str) -> str:
    return blocks.paragraphs(block) if "\n" in block else wrapped(inline.escape_start(block))


def _facts(facts: Iterable[str]) -> str:
    return wrapped(inline.escape_start(" · ".join(filter(None, facts))))


def _bullet(line: str) -> str:
    return wrapped(f"- {inline.escape_start(line)}", "  ")


def _labelled(label: str, block: str) -> str:
    if "\n" in block:
        return blocks.bullet(block, label)
    return _bullet(f"**{label}:** {block}") if block else ""


def _who(sources: Iterable[Given[T]]) -> str:
    """Who said it, each once, in the order of the sources."""
    return ", ".join(dict.fromkeys(_worker(one.worker, one.about) for one in sources))


def _worker(worker: str, about: str) -> str:
    name = text.line(worker)
    return f"{name} ({text.clip(about, ABOUT)})" if about else name


def _code(line: str) -> str:
    return inline.code(line) if line else ""


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
