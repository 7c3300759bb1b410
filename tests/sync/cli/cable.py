"""What lies between this machine and a service, so that a test can cut it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

Fate = Callable[[int, bool], bool]
"""Is told how many bytes a connection has carried to the service, and whether an answer comes back
now; says whether the connection is cut before these bytes get any further."""


class Cable:
    """Carries connections to a port of this machine; ``fate`` cuts them."""

    def __init__(self, to: int) -> None:
        self.fate: Fate = lambda sent, answers: False
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Cable:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()

    def cut_once(self, fate: Fate) -> threading.Event:
        """Cut the first connection that ``fate`` is for; return what is set then."""
        happened = threading.Event()
        lock = threading.Lock()

        def once(sent: int, answers: bool) -> bool:
            with lock:
                if happened.is_set() or not fate(sent, answers):
                    return False
                happened.set()
                return True

        self.fate = once
        return happened

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        sent = 0

        def forth(size: int) -> bool:
            nonlocal sent
            sent += size
            return self.fate(sent, False)

        def back(_: int) -> bool:
            return self.fate(sent, True)

        try:
            far = socket.create_connection(("127.0.0.1", self._to))
        except OSError:
            near.close()
            return
        with near, far:
            answering = threading.Thread(target=_pump, args=(far, near, back), daemon=True)
            answering.start()
            _pump(near, far, forth)
            answering.join()


def _pump(source: socket.socket, sink: socket.socket, is_cut: Callable[[int], bool]) -> None:
    """Carry bytes one way until either end hangs up, or they are cut off."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            if is_cut(len(data)):
                break
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
