"""``python -m hakase``."""

from hakase.cli import main

main()
