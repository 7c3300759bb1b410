"""Telling a damaged database from a disk that is full or failing."""

from __future__ import annotations

import sqlite3

_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


def is_damage(error: Exception) -> bool:
    """Say whether ``error`` proves that the database itself is damaged, or not ours."""
    if isinstance(error, AttributeError | TypeError | ValueError):  # values of the wrong type
        return True
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(error, sqlite3.ProgrammingError):
        return False
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF not in _TROUBLE
