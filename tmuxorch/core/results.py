"""The forms in which the workers of a pattern answer. Codex does not validate what comes back; `read` does.

Each form is a Struct whose JSON Schema (made strict by codex.schemas) goes to the model.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, json

from tmuxorch.core import text
from tmuxorch.core.pattern import Answer
from tmuxorch.core.said import UNREADABLE


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Confidence(StrEnum):
    """How sure whoever says it is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Finding(Struct, frozen=True, kw_only=True):
    """Something that is wrong or risky. `file` is relative to where the worker looked, `line` counts from 1; both are
    null where it has no place.
    """

    title: str
    severity: Severity
    file: str | None
    line: int | None
    evidence: str
    fix: str
    confidence: Confidence


class Findings(Struct, frozen=True, kw_only=True):
    """What a review found; nothing is an answer too."""

    findings: tuple[Finding, ...]


class Note(Struct, frozen=True, kw_only=True):
    """Something that was found out, and where: a URL, a file, a command's output."""

    claim: str
    source: str
    confidence: Confidence


class Notes(Struct, frozen=True, kw_only=True):
    """What research came to. `open` is what stays uncertain."""

    notes: tuple[Note, ...]
    open: tuple[str, ...]


class Option(Struct, frozen=True, kw_only=True):
    """One way to go."""

    name: str
    summary: str
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    effort: str


class Options(Struct, frozen=True, kw_only=True):
    """The ways that a worker proposes."""

    options: tuple[Option, ...]


class Brief(Struct, frozen=True, kw_only=True):
    """The end of a pattern: what it comes to, in a paragraph and in points, and the one step to take next."""

    summary: str
    points: tuple[str, ...]
    next_step: str


class Judgement(StrEnum):
    """Whether what was asked for is there."""

    PASS = "pass"
    FAIL = "fail"


class Ran(Struct, frozen=True, kw_only=True):
    """A command that a verifier ran, and what came of it."""

    command: str
    result: str


class Verdict(Struct, frozen=True, kw_only=True):
    """The end of a pattern that changes something: whether it holds, what shows it, the one step to take next."""

    verdict: Judgement
    summary: str
    checks: tuple[Ran, ...]
    issues: tuple[str, ...]
    next_step: str


Said = Findings | Notes | Options | Brief | Verdict

FORMS: dict[Answer, type[Said]] = {
    Answer.FINDINGS: Findings,
    Answer.NOTES: Notes,
    Answer.OPTIONS: Options,
    Answer.BRIEF: Brief,
    Answer.VERDICT: Verdict,
}
"""The shape of each form but plain text."""


def read(message: str, answer: Answer) -> Said | str:
    """The answer in `message`, as it was given; text for `Answer.TEXT`. Raises ValueError that says what does not fit.

    Texts are brought into normal form by whoever keeps them.
    """
    if answer is Answer.TEXT:
        return text.block(message)
    try:
        return json.decode(message, type=FORMS[answer])
    except UNREADABLE as error:
        raise ValueError(text.line(str(error))) from None
