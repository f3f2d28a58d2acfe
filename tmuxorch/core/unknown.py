"""What to say of a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tmuxorch.core import text
from tmuxorch.errors import UsageError

NAME = 60
"""Characters of an unknown name that are repeated."""


def unknown(what: str, name: str, known: Iterable[str], more: str = "") -> UsageError:
    """The error for whoever named a `what` that is not there. Its hint has the nearest name, `more`, and all names."""
    problem, hint = sayings(what, name, known, more)
    return UsageError(problem, hint=hint)


def sayings(what: str, name: str, known: Iterable[str], more: str = "") -> tuple[str, str]:
    """What is wrong, and what may help."""
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, n=1)
    hint = [f"did you mean {folded[near[0]]!r}?" if near else "", more]
    hint.append(f"there are: {', '.join(folded.values())}" if folded else "there is none")
    return f"there is no {what} {text.clip(name, NAME)!r}", " ".join(filter(None, hint))
