"""An entry of runs.md, in the normal form of its texts."""

from __future__ import annotations

import shlex

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.plan import LEAD

WORDS = 600
"""Characters of an agent's words that an entry keeps; the whole is in its thread."""


def note(
    at: float,
    child: str,
    intent: str,
    result: str,
    *,
    checks: str = "",
    artifacts: str = "",
    resume: str = "",
    next_step: str = "",
) -> m.LogEntry:
    """An entry, not numbered yet."""
    return m.LogEntry(
        number=0,
        at=at,
        child=text.line(child),
        intent=text.block(intent),
        result=text.block(result),
        checks=text.block(checks),
        artifacts=text.block(artifacts),
        resume=text.block(resume),
        next_step=text.block(next_step),
    )


def paste(state: m.State, *words: str) -> str:
    """A command of ours that works wherever it is pasted into a shell."""
    lead = state.agents.get(LEAD)
    where = ("-C", lead.path) if lead else ()
    return shlex.join(("tmuxorch", *words, *where))
