"""Where the secrets of a login are kept: the desktop's keyring, where there is one.

A remote whose secrets are there has the option ``keyring``, the name that they are kept under.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mirrorfs.core.errors import MissingCredentials

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

OPTION = "keyring"

_log = logging.getLogger(__name__)
_SERVICE = "mirrorfs"
_WEAK = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
"""Those that keep nothing, or keep it in plain files that others know how to read."""
_STRONG = 1
"""The priority that a backend fit for use has at least (keyring's documentation, "priority")."""


def keep(name: str, secrets: Mapping[str, str]) -> str:
    """Keep ``secrets`` under ``name``; say where, or nothing where it cannot be."""
    backend = _backend()
    if backend is None:
        return ""
    try:
        backend.set_password(_SERVICE, name, json.dumps(dict(secrets)))
    except Exception as error:  # each backend has errors of its own
        _log.debug("The keyring would not keep it: %s", type(error).__name__)
        return ""
    return f"the keyring ({backend.name})"


def recall(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return the secrets of a remote with these ``options``; nothing if they are elsewhere.

    Raises:
        MissingCredentials: the keyring does not give them.
    """
    name = options.get(OPTION)
    if not name:
        return {}
    backend = _backend()
    try:
        kept = backend.get_password(_SERVICE, name) if backend else None
        secrets = json.loads(kept) if kept else None
    except Exception as error:  # each backend has errors of its own
        _log.debug("The keyring would not tell: %s", type(error).__name__)
        secrets = None
    if not isinstance(secrets, dict):
        raise MissingCredentials(
            "The keyring that holds the secrets does not give them.",
            "Unlock it, or sign in again with: mirrorfs login",
        )
    return {str(key): str(value) for key, value in secrets.items()}


def forget(options: Mapping[str, str]) -> None:
    """Remove the secrets of a remote with these ``options`` from the keyring."""
    name, backend = options.get(OPTION), _backend()
    if not name or backend is None:
        return
    try:
        backend.delete_password(_SERVICE, name)
    except Exception as error:  # each backend has errors of its own
        _log.debug("The keyring would not forget: %s", type(error).__name__)


def _backend() -> KeyringBackend | None:
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    several = isinstance(chosen, ChainerBackend)
    for backend in ChainerBackend.backends if several else [chosen]:
        if not type(backend).__module__.startswith(_WEAK) and backend.priority >= _STRONG:
            return backend
    return None
