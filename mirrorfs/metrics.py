"""Figures as Prometheus reads them, and where it may ask for them.

The format is that of Prometheus, "Exposition formats", version 0.0.4. Nothing but numbers and
names of remotes, folders and schedules is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mirrorfs.core.errors import Misuse

_LOOPBACK = "127.0.0.1"
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; ``name`` ends with its unit, and with ``_total`` if it only ever grows.

    ``about`` is its line of help. A value of ``None`` is not known, and not told.
    """

    name: str
    about: str
    value: float | None
    labels: Mapping[str, str] = field(default_factory=lambda: _NONE)


Collect = Callable[[], Iterable[Figure]]
Address = tuple[str, int]
"""Host and port."""


def text_of(figures: Iterable[Figure]) -> str:
    """Return the figures as Prometheus reads them, those of one name together."""
    by_name: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.value is not None:
            by_name.setdefault(figure.name, []).append(figure)
    lines: list[str] = []
    for name, together in by_name.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {name} {together[0].about}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{_labels(one.labels)} {one.value!r}" for one in together]
    return "".join(f"{line}\n" for line in lines)


def parse_address(text: str) -> Address:
    """Return host and port of ``HOST:PORT``; ``PORT`` alone is on this machine.

    Raises:
        Misuse: it is neither.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise Misuse(f"{text!r} is no address.", "Write it as 9464 or 127.0.0.1:9464.")
    return host.strip("[]") or _LOOPBACK, int(port)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(text: str) -> str:
    plain = text.encode("utf-8", "backslashreplace").decode()
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
