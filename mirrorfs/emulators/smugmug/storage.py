"""What survives a restart: one JSON file beside the bytes, written when the emulator ends.

Accounts with all their folders, albums and images, and the tokens that were granted; not what was
deleted, nor where renamed folders were.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.smugmug.keys import Token
from mirrorfs.emulators.smugmug.values import Album, Film, Image, Node, User

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "account.json"

T = TypeVar("T")


@dataclass
class Holdings:
    """Everything that is kept, by its key; ``contents`` are the image keys of each album."""

    users: dict[str, User] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    albums: dict[str, Album] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    contents: dict[str, dict[str, None]] = field(default_factory=dict)
    collected: dict[str, dict[str, None]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """All keys that must not be given again."""
        return [*self.nodes, *self.albums, *self.images]


def load_holdings(folder: Path) -> Holdings:
    """Read what an earlier run has kept in a folder; nothing when there was none."""
    path = folder / _NAME
    if not path.exists():
        return Holdings()
    known = json.loads(path.read_text())
    return Holdings(
        _read(known["users"], lambda row: User(**row)),
        _read(known["nodes"], lambda row: Node(**_tuples(row, "keywords"))),
        _read(known["albums"], lambda row: Album(**_tuples(row, "source"))),
        _read(known["images"], _read_image),
        _read(known["contents"], dict.fromkeys),
        _read(known["collected"], dict.fromkeys),
        _read(known["tokens"], lambda row: Token(**row)),
    )


def save_holdings(folder: Path, holdings: Holdings) -> None:
    """Write what is to be kept, all of it or nothing."""
    rows = {
        name: {key: _plain(value) for key, value in values.items()}
        for name, values in vars(holdings).items()
    }
    path = folder / _NAME
    beside = path.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(rows))
    beside.replace(path)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, dict) else asdict(value)


def _read(rows: Mapping[str, Any], read: Callable[[Any], T]) -> dict[str, T]:
    return {key: read(row) for key, row in rows.items()}


def _tuples(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**row, **{name: tuple(row[name]) for name in names}}


def _read_image(row: dict[str, Any]) -> Image:
    film = row["film"] and Film(**{**row["film"], "blob": Blob(**row["film"]["blob"])})
    return Image(**{**_tuples(row, "keywords"), "blob": Blob(**row["blob"]), "film": film})
