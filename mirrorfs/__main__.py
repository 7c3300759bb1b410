"""``python -m mirrorfs``."""

from mirrorfs.cli import main

main()
