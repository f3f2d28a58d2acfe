"""The door to git: what the tool itself reads of repos and does with them, never taken from an agent's words."""

from tmuxorch.controller.git.commits import Commit, commit
from tmuxorch.controller.git.diffs import diff
from tmuxorch.controller.git.facts import look, moved, newest_branches, newest_commits
from tmuxorch.controller.git.snapshots import Snapshot, compare, snapshot
from tmuxorch.controller.git.status import locate, top
from tmuxorch.controller.git.worktrees import add_worktree, base_of, branch_of, has_branch

__all__ = [
    "Commit",
    "Snapshot",
    "add_worktree",
    "base_of",
    "branch_of",
    "commit",
    "compare",
    "diff",
    "has_branch",
    "locate",
    "look",
    "moved",
    "newest_branches",
    "newest_commits",
    "snapshot",
    "top",
]
