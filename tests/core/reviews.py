"""Findings to merge: pairs of them, and the seeded review of the sample repos."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tmuxorch.core.agreement import Given
from tmuxorch.core.curate import Source, asked, curate
from tmuxorch.core.curated import Heading, Result, result
from tmuxorch.core.results import Brief, Confidence, Finding, Findings, Said, Severity
from tmuxorch.demo import scenario
from tmuxorch.demo.stories import REVIEW

HERE = Path(__file__).parent


def finding(title: str = "t", place: str = "", evidence: str = "", fix: str = "", **more: Any) -> Finding:
    """A finding at `place`: a file, with its line behind a colon if it has one."""
    file, _, line = place.partition(":")
    given = {"severity": Severity.HIGH, "confidence": Confidence.HIGH} | more
    return Finding(
        title=title,
        file=file or None,
        line=int(line) if line else None,
        evidence=evidence,
        fix=fix,
        **given,
    )


def given(worker: str, *findings: Finding, about: str = "") -> list[Given[Finding]]:
    """What a worker gave."""
    return [
        Given(worker=worker, about=about, number=number, said=one) for number, one in enumerate(findings, 1)
    ]


def pairs() -> dict[str, dict[str, tuple[Finding, Finding]]]:
    """The pairs of finding_pairs.yaml, by what they are to each other and by name."""
    kinds = yaml.safe_load((HERE / "finding_pairs.yaml").read_text())
    return {
        kind: {name: (finding(**one), finding(**other)) for name, (one, other) in named.items()}
        for kind, named in kinds.items()
    }


def source(
    worker: str, said: Said | str | None, step: str = "look", about: str = "", problem: str = ""
) -> Source:
    """What a worker gave."""
    return Source(worker=worker, step=step, about=about, said=said, problem=problem)


def brief(summary: str, next_step: str = "Go on.") -> Brief:
    """A brief of few words."""
    return Brief(summary=summary, points=("p", " "), next_step=next_step)


class Seeded(msgspec.Struct, frozen=True):
    """The seeded review: what it is of, the answers of the reviewers by lens, and that of whoever sums them up."""

    task: str
    answers: dict[str, Findings]
    brief: Brief


def _seeded() -> Seeded:
    """As the story `review` has it."""
    answers: dict[str, Findings] = {}
    for rule in scenario.load([REVIEW.script / "review.yaml"]).rules:
        *_, said = rule.steps[-1]
        assert isinstance(said, scenario.Json)
        if lens := re.search(r"LENS: (\w+)", rule.match):
            answers[lens[1]] = msgspec.convert(said.value, Findings)
        else:
            brief = msgspec.convert(said.value, Brief)
    return Seeded(task=REVIEW.extras.patterns[0].task, answers=answers, brief=brief)


SEEDED = _seeded()


def seeded_sources() -> list[Source]:
    """The answers of the seeded review, as if they had ended in another order than they were started."""
    reviewers = [
        Source(worker=f"W{number}", step="review", about=lens, said=answer)
        for number, (lens, answer) in enumerate(SEEDED.answers.items(), 1)
    ]
    return [*reversed(reviewers), Source(worker="W4", step="synthesis", about="", said=SEEDED.brief)]


def seeded_result() -> Result:
    """The whole result of the seeded review."""
    heading = Heading(
        run="P1",
        pattern="review",
        title="Triangulated review",
        task=SEEDED.task,
        started="2026-01-05T10:00:00.000Z",
        ended="2026-01-05T10:04:10.500Z",
        workers=asked(seeded_sources()),
    )
    return result(heading, curate(seeded_sources()))
