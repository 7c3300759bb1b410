"""From a remote's settings to its provider: the one place that knows every service."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import MissingCredentials
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.cloudinary import credentials as cloudinary

if TYPE_CHECKING:
    from mirrorfs.core.provider import Target
    from mirrorfs.net.patience import Patience
    from mirrorfs.settings import Remote

_HINT = (
    "Set CLOUDINARY_URL (the console shows it under API Keys) in the environment or in .env, "
    "or run: mirrorfs config set NAME"
)


def open_remote(
    remote: Remote, folder: RemotePath = ROOT, patience: Patience | None = None
) -> Target:
    """Return ``folder`` of ``remote`` as a provider; nothing is asked of the service yet.

    Without a ``patience`` a used-up quota is an error at once, never a wait.

    Raises:
        MissingCredentials: one is not set; the message names it.
    """
    from mirrorfs.net.patience import Patience
    from mirrorfs.providers.cloudinary import open as open_cloudinary

    account = credentials_of(remote)
    return open_cloudinary(account, SystemClock(), patience or Patience(), folder)


def credentials_of(remote: Remote) -> cloudinary.Credentials:
    """Return the credentials of ``remote``.

    Raises:
        MissingCredentials: one is not set; the message names it and where it was looked for.
        Misuse: they make no sense.
    """
    try:
        if remote.options:
            return cloudinary.from_options(remote.options)
        return cloudinary.from_environment(remote.environment)
    except MissingCredentials as error:
        raise MissingCredentials(f"{remote.name}: {error.message}", _HINT) from None


def account_key(remote: Remote) -> str:
    """Return a text that names the account, fit for a file name; the same for the same account.

    Raises:
        MissingCredentials: as :func:`credentials_of`.
    """
    account = credentials_of(remote)
    where = "" if account.upload_prefix == cloudinary.API else account.upload_prefix
    known = re.sub(r"[^A-Za-z0-9._-]", "_", account.cloud_name)[:60]
    mark = hashlib.sha256(f"{account.cloud_name}\n{where}".encode()).hexdigest()[:8]
    return f"{remote.service}-{known}-{mark}"


def tree_key(account: str, folder: RemotePath) -> str:
    """Return a text that names one folder of an account, fit for a file name."""
    return f"{account}-{hashlib.sha256(folder.encode()).hexdigest()[:8]}" if folder else account


def describe(remote: Remote) -> str:
    """Ask the service whether the credentials are good; return what it says of the account.

    Raises:
        Denied: they are not. Others as any call.
    """
    source = open_remote(remote)
    try:
        files = sum(not entry.is_folder for entry in source.scandir(ROOT))
        usage = source.usage()
    finally:
        source.close()
    left = "" if usage.remaining is None else f"; {usage.remaining} of {usage.limit} calls left"
    return f"{credentials_of(remote).cloud_name} answers, {files} files at its top{left}"
