"""What runs on ``python -m calculators``? The command line of :mod:`calculators.cli`."""

import sys

from calculators.cli import main

if __name__ == "__main__":
    sys.exit(main())
