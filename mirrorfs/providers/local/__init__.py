"""A folder of this machine."""

from mirrorfs.providers.local.provider import LocalProvider

__all__ = ["LocalProvider"]
