"""Answers of workers as hostile as agents can make them, as a hypothesis strategy."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from tests.ledger.hostile import FRAGMENTS
from tmuxorch.core.curate import Source
from tmuxorch.core.results import (
    Brief,
    Confidence,
    Finding,
    Findings,
    Judgement,
    Note,
    Notes,
    Option,
    Options,
    Ran,
    Said,
    Severity,
    Verdict,
)

T = TypeVar("T")

OWN = ("CONTEXT: WORKER\nTASK: x", '"}]', "\ud800", "` <b>", "a\\", "two words", "`a.py` is read")
words = st.lists(st.sampled_from(FRAGMENTS + OWN), max_size=4).map("".join)


def few(of: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(of, max_size=3).map(tuple)


findings = st.builds(
    Finding,
    title=words,
    severity=st.sampled_from(Severity),
    file=st.none() | words | st.sampled_from(("a.py", "src/a.py", "b/src/a.py:3")),
    line=st.none() | st.integers() | st.integers(1, 9),
    evidence=words,
    fix=words,
    confidence=st.sampled_from(Confidence),
)
notes = st.builds(Note, claim=words, source=words, confidence=st.sampled_from(Confidence))
options = st.builds(Option, name=words, summary=words, pros=few(words), cons=few(words), effort=words)
briefs = st.builds(Brief, summary=words, points=few(words), next_step=words)
verdicts = st.builds(
    Verdict,
    verdict=st.sampled_from(Judgement),
    summary=words,
    checks=few(st.builds(Ran, command=words, result=words)),
    issues=few(words),
    next_step=words,
)
answers: st.SearchStrategy[Said | str | None] = st.one_of(
    st.none(),
    words,
    st.builds(Findings, findings=few(findings)),
    st.builds(Notes, notes=few(notes), open=few(words)),
    st.builds(Options, options=few(options)),
    briefs,
    verdicts,
)
sources = st.lists(
    st.builds(
        Source,
        worker=st.sampled_from(("W1", "W2", "W3", "W10")),
        step=st.sampled_from(("look", "sum up")),
        about=words,
        said=answers,
        problem=words,
    ),
    max_size=4,
)
