"""``python -m partload``: the command line."""

from partload.cli import main

main()
