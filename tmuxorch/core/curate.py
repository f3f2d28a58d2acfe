"""The answers of a pattern's workers made one: what a person reads, and what a later worker is given.

Pure, and the answers may come in any order: they count in that of the workers' numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, assert_never

from msgspec import Struct
from msgspec.structs import replace

from tmuxorch.core import said, text
from tmuxorch.core.agreement import Given, order
from tmuxorch.core.curated import Asked, Curated, Ending, Missing, Words
from tmuxorch.core.handed_on import data
from tmuxorch.core.locations import shown
from tmuxorch.core.merge import MergedFinding, merge, normal
from tmuxorch.core.merge_notes import merge_notes, merge_options, normal_notes, normal_options
from tmuxorch.core.pattern import Answer
from tmuxorch.core.results import (
    FORMS,
    Brief,
    Finding,
    Findings,
    Note,
    Notes,
    Option,
    Options,
    Ran,
    Said,
    Verdict,
)

__all__ = ["Source", "asked", "curate", "data"]

ENTRIES = 100
"""Findings, notes or options of one answer that are kept."""
TEXT, RAN = 20_000, 1_000
"""Characters that are kept of an answer in plain text, and of what came of a command."""

T = TypeVar("T")


class Source(Struct, frozen=True, kw_only=True):
    """What one worker gave: `worker` is its id, `about` the lens, section, option or question that it had, if any.
    `problem` says why it gave nothing; `said` is None then.
    """

    worker: str
    step: str
    about: str
    said: Said | str | None
    problem: str = ""


def curate(sources: Iterable[Source], root: str = "") -> Curated:
    """The answers as one result. Paths of findings are made relative to `root`, an absolute path, where they are below
    it. The order in which the answers come does not matter.
    """
    every = _ordered(sources)
    findings: list[Given[Finding]] = []
    notes: list[Given[Note]] = []
    options: list[Given[Option]] = []
    open_, texts, endings = [], [], []
    for one in every:
        match one.said:
            case Findings():
                findings += _given(one, one.said.findings)
            case Notes():
                notes += _given(one, one.said.notes)
                open_ += [*said.lines(one.said.open)]
            case Options():
                options += _given(one, one.said.options)
            case Brief() | Verdict():
                endings.append(_ending(one, one.said))
            case str():
                texts.append(_words(one, one.said))
            case None:
                pass
            case _:
                assert_never(one.said)
    reviewers = len({one.worker for one in every if isinstance(one.said, Findings)})
    notes, options = normal_notes(notes), normal_options(options)
    merged = merge(normal(findings, root), reviewers)
    brief = next((one for one in reversed(endings) if one.brief), None)
    verdict = next((one for one in reversed(endings) if one.verdict), None)
    return Curated(
        findings=merged,
        notes=merge_notes(notes),
        options=merge_options(options),
        open=tuple(dict.fromkeys(open_)),
        texts=tuple(one for one in texts if one.text),
        earlier=tuple(one for one in endings if one is not brief and one is not verdict),
        brief=brief.brief if brief else None,
        verdict=verdict.verdict if verdict else None,
        missing=tuple(missing for one in every if (missing := _missing(one))),
        given=len(findings) + len(notes) + len(options),
        next_step=_next_step(endings, merged),
    )


def asked(sources: Iterable[Source]) -> tuple[Asked, ...]:
    """Who took part, in order."""
    return tuple(
        Asked(
            worker=one.worker,
            step=one.step,
            about=_about(one),
            form=_form(one.said),
            entries=len(_entries(one.said)),
        )
        for one in _ordered(sources)
    )


def _ordered(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda one: (order(one.worker), one.step, one.about, repr(one)))


def _about(one: Source) -> str:
    return _line(one.about)


def _line(words: str) -> str:
    return text.clip(text.line(said.block(words)), said.LINE)


def _form(answer: Said | str | None) -> Answer | None:
    if isinstance(answer, str):
        return Answer.TEXT
    return next((form for form, shape in FORMS.items() if isinstance(answer, shape)), None)


def _entries(answer: Said | str | None) -> Sequence[Finding | Note | Option]:
    match answer:
        case Findings():
            return answer.findings
        case Notes():
            return answer.notes
        case Options():
            return answer.options
        case _:
            return ()


def _given(one: Source, entries: Sequence[T]) -> list[Given[T]]:
    about = _about(one)
    return [
        Given(worker=one.worker, about=about, number=number, said=entry)
        for number, entry in enumerate(entries[:ENTRIES], 1)
    ]


def _words(one: Source, words: str) -> Words:
    kept = text.block(text.clip(text.block(words[: TEXT * 2]), TEXT))
    return Words(worker=one.worker, step=one.step, about=_about(one), text=kept)


def _ending(one: Source, ending: Brief | Verdict) -> Ending:
    made = Ending(worker=one.worker, step=one.step, about=_about(one))
    match ending:
        case Brief():
            return replace(made, brief=_brief(ending))
        case Verdict():
            return replace(made, verdict=_verdict(ending))
        case _:
            assert_never(ending)


def _brief(brief: Brief) -> Brief:
    return Brief(
        summary=said.block(brief.summary),
        points=said.lines(brief.points),
        next_step=said.block(brief.next_step),
    )


def _verdict(verdict: Verdict) -> Verdict:
    return Verdict(
        verdict=verdict.verdict,
        summary=said.block(verdict.summary),
        checks=tuple(
            Ran(command=text.line(said.block(one.command)), result=text.clip(said.block(one.result), RAN))
            for one in verdict.checks[: said.LINES]
        ),
        issues=said.lines(verdict.issues),
        next_step=said.block(verdict.next_step),
    )


def _missing(one: Source) -> Missing | None:
    entries = len(_entries(one.said))
    problem = ""
    if one.said is None:
        problem = _line(one.problem) or "it gave nothing"
    elif isinstance(one.said, str) and not text.block(one.said):
        problem = "its answer is empty"
    elif entries > ENTRIES:
        problem = f"it gave {entries} entries, of which the first {ENTRIES} are kept"
    return Missing(worker=one.worker, about=_about(one), problem=problem) if problem else None


def _next_step(endings: Sequence[Ending], findings: Sequence[MergedFinding]) -> str:
    for one in reversed(endings):
        ending = one.brief or one.verdict
        if ending and ending.next_step:
            return ending.next_step
    if not findings:
        return ""
    worst = findings[0]
    place = f" ({shown(worst.file, worst.line)})" if worst.file else ""
    return f"Begin with what is worst: {worst.title}{place}"
