"""`python -m cnengine.cli` is the command `cnengine`."""

import sys

from cnengine.cli import main

if __name__ == "__main__":
    sys.exit(main())
