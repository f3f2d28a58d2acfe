"""Repos for tests of what is done with git: real ones, made by real git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def git(repo: Path, *words: str, stdin: bytes = b"") -> str:
    """What `git WORDS` prints in `repo`; it has to succeed."""
    done = subprocess.run(["git", "-C", str(repo), *words], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, f"git {words}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="surrogateescape").removesuffix("\n")


def write(repo: Path, files: Mapping[str, str]) -> None:
    """Writes files, by their paths in `repo`."""
    for name, content in files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


FILES = {"a.txt": "a\n", "b.txt": "b\n", "src/c.txt": "c\n"}


def make(path: Path, files: Mapping[str, str] = FILES) -> Path:
    """A repo on main with a commit of `files` by Ann."""
    path.mkdir(parents=True, exist_ok=True)
    git(path, "init", "-q", "-b", "main")
    with (path / ".git" / "config").open("a") as config:
        config.write("[user]\n\tname = Ann\n\temail = ann@example.org\n")
    write(path, files)
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "Begin")
    return path


def head(repo: Path) -> str:
    """The commit that is checked out."""
    return git(repo, "rev-parse", "HEAD")


def status(repo: Path) -> list[str]:
    """What `git status` says, in short, line by line."""
    return git(repo, "status", "--porcelain", "-uall").splitlines()
