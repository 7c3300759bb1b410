"""``python -m sync`` is ``mirrorsync``."""

from sync.cli import main

main()
