"""What the project knows of Codex: its protocols, its command lines and what it is told. No I/O, nothing
of tmux."""
