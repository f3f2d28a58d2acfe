"""What a child says of its repo, before there is a plan: the questions, and what becomes of the answers."""

from __future__ import annotations

from msgspec import Struct, json

from tmuxorch.core import model as m
from tmuxorch.core import text
from tmuxorch.core.said import UNREADABLE, block, lines


class BriefAnswer(Struct, frozen=True, kw_only=True):
    """Answer to a brief turn: what every child is asked of its repo, as codex.understand words it."""

    role: str
    branch: str = ""
    status: str = ""
    commits: tuple[str, ...] = ()
    constraints: tuple[str, ...]
    task: str = ""
    changes: str = ""
    blockers: tuple[str, ...] = ()
    tests: tuple[str, ...]
    tests_run: str = ""
    connect: str = ""
    current_state: str
    commit_rules: str = ""
    release_notes: str
    validation: str = ""
    key_docs: tuple[str, ...]
    questions: tuple[str, ...]


def read(message: str, left_out: tuple[str, ...] = ()) -> m.Brief:
    """The brief in `message`, clipped; words that are no such answer become its current state."""
    try:
        said = json.decode(message, type=BriefAnswer)
    except UNREADABLE:
        return m.Brief(current_state=block(message), left_out=left_out)
    return m.Brief(
        role=text.line(block(said.role)),
        branch=block(said.branch),
        status=block(said.status),
        commits=lines(said.commits),
        constraints=lines(said.constraints),
        task=block(said.task),
        changes=block(said.changes),
        blockers=lines(said.blockers),
        tests=lines(said.tests),
        tests_run=block(said.tests_run),
        connect=block(said.connect),
        current_state=block(said.current_state),
        commit_rules=block(said.commit_rules),
        release_notes=block(said.release_notes),
        validation=block(said.validation),
        key_docs=lines(said.key_docs),
        questions=lines(said.questions),
        left_out=left_out,
    )


def commands(found: tuple[m.Found, ...]) -> str:
    """Commands that the tool found in a repo, in words: what is configured, and what is only a guess."""
    return ", ".join(
        f"`{one.command}` ({'configured' if one.source == 'config' else f'detected in {one.source}'})"
        for one in found
    )
