"""What a block is called in the index: its number, then the group of its file's blocks."""

from __future__ import annotations

_DIGITS = "0123456789"


def group(key: str) -> str:
    """Return what the names of all blocks of ``key`` end in; another for every other key.

    A key that is not ASCII is written in hexadecimal: SQLite holds no lone surrogates.
    """
    if key.isascii():
        return f":{key}"
    return f"~{key.encode('utf-8', 'surrogatepass').hex()}"


def name_of(key: str, index: int) -> str:
    """Return the name of block number ``index`` of ``key``."""
    return f"{index}{group(key)}"


def group_of(name: str) -> str:
    """Return the :func:`group` that ``name`` ends in."""
    return name.lstrip(_DIGITS)
