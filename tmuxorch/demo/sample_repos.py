"""The small git repos that a story needs.

Their histories are the story's `repos/*.fast-import` files (git's own text form of a history), so every machine gets
the same commits with the same ids. The tests of each repo fail until the story's plan has been carried out.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tmuxorch.demo.stories import ONBOARDING, Story
from tmuxorch.errors import Refused, ToolMissing

# The user's configuration, hooks, templates and signing must have no say in what the repos contain.
ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TEMPLATE_DIR": ""}


def create(folder: Path, story: Story = ONBOARDING) -> dict[str, Path]:
    """Make the repos in `folder` (made if absent), on branch main with a clean tree; name → absolute path.

    Raises Refused where one of them exists already, ToolMissing without git.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return {path.stem: _create(folder.resolve() / path.stem, path) for path in story.histories}


def _create(repo: Path, history: Path) -> Path:
    if repo.exists():
        raise Refused(f"{repo} exists already", hint="choose another directory with --dir")
    _git(repo.parent, "init", "--quiet", "--initial-branch=main", repo.name)
    _git(repo, "fast-import", "--quiet", given=history.read_bytes())
    _git(repo, "reset", "--quiet", "--hard", "main")
    return repo


def _git(where: Path, *arguments: str, given: bytes = b"") -> None:
    # A caller that itself runs inside a git hook has variables set that would point git at another repo.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        subprocess.run(
            ["git", *arguments], cwd=where, env=kept | ISOLATED, input=given, capture_output=True, check=True
        )
    except FileNotFoundError:
        raise ToolMissing("git is not on PATH", hint="install git") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise Refused(f"git {arguments[0]} failed in {where}: {said}") from error
