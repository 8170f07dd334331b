"""How is the house started without its script? ``python -m offset``."""

from offset.cli import main

main()
