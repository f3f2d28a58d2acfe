"""`python -m tmuxorch`: the command line, also as windows run it."""

from __future__ import annotations

from tmuxorch import environment

environment.adopt()

from tmuxorch.cli.main import main  # noqa: E402  (paths are read from the adopted environment)

if __name__ == "__main__":
    main()
