"""`python -m tmuxorch.controller --project DIR`."""

from __future__ import annotations

import sys

from tmuxorch import environment

environment.adopt()

from tmuxorch.controller.lifetime import main  # noqa: E402  (paths are read from the adopted environment)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
