"""What the configuration says that decisions depend on."""

from __future__ import annotations

from msgspec import Struct, field


class Settings(Struct, frozen=True, kw_only=True):
    """What the configuration says that decisions depend on. `tests` are commands by child, `references` children
    that nobody may write in, `read_timeout` seconds that a run's read-only turn may take, `attempts` how many turns
    an item may take before a human is asked.

    Of workers: `retries` is how often one is tried again, `backoff` the seconds before the first time (twice as many
    before each next one), `stall` those of silence after which a human is told; `hook` whether a command is run for
    each one that has ended.
    """

    turns: int = 3
    exec_workers: int = 8
    checks: int = 2
    attempts: int = 2
    plan_repairs: int = 3
    crashes: int = 2
    read_timeout: float = 900.0
    retries: int = 2
    backoff: float = 5.0
    stall: float = 600.0
    hook: bool = False
    isolation: str = "none"
    commit: str = "none"
    dirty: str = "ask"
    references: frozenset[str] = frozenset()
    tests: dict[str, tuple[str, ...]] = field(default_factory=dict)
