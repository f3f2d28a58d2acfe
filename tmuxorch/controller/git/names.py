"""Names of files: as text that can be written down, and which of them are nobody's work."""

from __future__ import annotations

from tmuxorch.codex.visible import visible_line

# What builds and tests leave beside the sources, where no .gitignore says so. (The empty .agents, .aws and .codex of
# Codex's sandbox need no word here: git does not see empty directories.)
LEFTOVER_DIRECTORIES = frozenset(
    {
        "__pycache__",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".tox",
        ".nox",
        ".gradle",
        ".venv",
        "node_modules",
    }
)
LEFTOVER_ENDINGS = (".pyc", ".pyo", ".egg-info")
LEFTOVER_NAMES = frozenset({".coverage", ".DS_Store"})


def text(name: bytes) -> str:
    """A file name as text of one line: bytes that are not UTF-8 become `\\xff`, hidden characters `\\n` or `\\x1b`.

    Git's names are bytes, those of the journal are text that a person can read.
    """
    return visible_line(name.decode(errors="backslashreplace"))


def word(said: bytes) -> str:
    """What git prints when it is one word, or lines of them."""
    return said.decode(errors="backslashreplace").strip()


def is_leftover(name: str) -> bool:
    """Whether an untracked file was left by a build or a test."""
    parts = name.rstrip("/").split("/")
    return (
        not LEFTOVER_DIRECTORIES.isdisjoint(parts)
        or parts[-1] in LEFTOVER_NAMES
        or any(part.endswith(LEFTOVER_ENDINGS) for part in parts)
    )
