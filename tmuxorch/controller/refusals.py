"""What Codex said of a limit of the account, in the words of the core."""

from __future__ import annotations

from collections.abc import Iterable

from tmuxorch.codex.limits import Window, limit_of
from tmuxorch.core import model as m


def heard(
    message: str, at: float, *, kind: str = "", status: int | None = None, windows: Iterable[Window] = ()
) -> m.Limit | None:
    """The limit that a failed turn or worker ran into at `at` (epoch seconds); see codex.limits."""
    limit = limit_of(message, at, kind=kind, status=status, windows=windows)
    return m.Limit(kind=m.LimitKind(limit.kind), until=limit.until) if limit else None
