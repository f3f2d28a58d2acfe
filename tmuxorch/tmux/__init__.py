"""The only door to tmux: set-up by one-shot commands, everything after that by one control-mode client."""
