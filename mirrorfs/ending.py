"""Ending on a signal, also while the kernel's calls wait for a service that does not answer."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)
SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_GRACE = 3.0


def on_signal(end: Callable[[], bool]) -> None:
    """Call ``end`` when one of ``SIGNALS`` comes.

    It says whether the process will then end by itself; it has three seconds for that.

    MUST be called in the main thread before others are started, which inherit that they leave
    the signals alone: the FUSE library would wait for all calls under way, however long.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_wait, args=(end,), name="ending", daemon=True).start()


def _wait(end: Callable[[], bool]) -> None:
    name = signal.Signals(signal.sigwait(SIGNALS)).name
    _log.info("Ending on %s.", name)
    try:
        if end():
            time.sleep(_GRACE)
            _log.warning("Calls are still waiting; they are given up.")
    except Exception:
        _log.exception("Ending failed.")
    logging.shutdown()
    os._exit(0)
