"""`python -m tmuxorch.controller --project DIR`."""

from __future__ import annotations

import logging
import os
import sys

from tmuxorch import environment

environment.adopt()

from tmuxorch.controller.lifetime import main  # noqa: E402  (paths are read from the adopted environment)

if __name__ == "__main__":
    status = main(sys.argv[1:])
    logging.shutdown()
    # The journal is closed and the lock is free: no thread that still waits for something may keep this process.
    os._exit(status)
