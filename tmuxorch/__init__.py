"""tmuxorch: a fleet of Codex agents in tmux windows, one plan, one ledger, one inbox."""

__version__ = "0.1.0"
