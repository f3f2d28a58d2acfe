"""A pattern of work: steps one after the other, each of one worker or of several at once, that come to one result.

A `Pattern` is what its YAML says (store.templates reads it); a run of it keeps a copy, so that later edits of the file
change nothing that is under way. `{{task}}`, `{{lens}}` and the names of the pattern's own parameters stand for what
was given; nothing else does, and what is filled in is never looked through again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct, field

PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_-]*)\}\}")

TASK = "task"
"""The placeholder for what the whole pattern is about."""


class Answer(StrEnum):
    """In which form a worker answers; see core.results."""

    TEXT = "text"
    FINDINGS = "findings"
    NOTES = "notes"
    OPTIONS = "options"
    BRIEF = "brief"
    VERDICT = "verdict"


FINAL = (Answer.BRIEF, Answer.VERDICT)
"""In which form the last step answers: each of them ends in one recommended next step."""


class Parameter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a pattern is given by name: so many values at least and at most; `default` counts when none are given."""

    about: str
    min: int = 1
    max: int = 8
    default: tuple[str, ...] = ()


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step. `over` names the parameter for each of whose values it has a worker; `needs` the earlier steps whose
    results its workers are given, as data. With `edit` they may change files, one after the other.
    """

    name: str
    role: str
    task: str
    lens: str = ""
    over: str = ""
    edit: bool = False
    needs: tuple[str, ...] = ()
    answer: Answer = Answer.TEXT


class Pattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole pattern. `letter` is upstream's name of it, if it is one of theirs."""

    name: str
    title: str
    about: str
    steps: tuple[Step, ...]
    letter: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)


class Part(Struct, frozen=True, kw_only=True):
    """What one worker of a step is asked: about which value of the parameter, with which task and lens."""

    about: str
    task: str
    lens: str


def parts(step: Step, task: str, given: Mapping[str, tuple[str, ...]]) -> Iterator[Part]:
    """One for each worker of the step, in the order of the values. `given` has the values of every parameter."""
    whole = {name: ", ".join(values) for name, values in given.items()} | {TASK: task}
    for value in given[step.over] if step.over else ("",):
        named = whole | ({step.over: value} if step.over else {})
        yield Part(about=value, task=filled(step.task, named), lens=filled(step.lens, named))


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders filled in, in one pass: what was filled in may look like one and stays."""
    return PLACEHOLDER.sub(lambda place: values.get(place[1], place[0]), text)


def placeholders(text: str) -> set[str]:
    """The names that `text` has placeholders for."""
    return set(PLACEHOLDER.findall(text))


def edits(pattern: Pattern) -> bool:
    """Whether any of its workers may change files."""
    return any(step.edit for step in pattern.steps)
