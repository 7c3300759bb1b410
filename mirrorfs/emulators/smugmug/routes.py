"""What answers requests: readers by endpoint type, changes by method and endpoint type.

A reader answers GET; the paths are those of the ``catalog``. Changes are ``("POST",
"ChildNodes", handler)``: they are given the body's fields as the call's parameters, need the
permission of their method (POST Add, PATCH and DELETE Modify) and may not be multi-gets.
"""

from __future__ import annotations

from mirrorfs.emulators.smugmug.calls import Handler

READERS: tuple[tuple[str, Handler], ...] = ()

CHANGES: tuple[tuple[str, str, Handler], ...] = ()
