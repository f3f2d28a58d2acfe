"""`python -SIE …/tmuxorch/host/__main__.py COMMAND …`: makes the package importable and hands over."""

import os
import sys

if __name__ == "__main__":
    # Behind the standard library: the directory may be a whole site-packages, whose modules must not shadow it.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from tmuxorch.host.commands import main

    sys.exit(main(sys.argv[1:]))
