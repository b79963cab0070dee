"""`python -m medpolicy`: the command."""

import sys

from medpolicy.cli import main

if __name__ == "__main__":
    sys.exit(main())
