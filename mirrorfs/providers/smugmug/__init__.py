"""SmugMug (SmugMug API v2, https://api.smugmug.com/api/v2/doc)."""

from __future__ import annotations

from mirrorfs.providers.smugmug.credentials import Credentials, from_environment, from_options

__all__ = ["Credentials", "from_environment", "from_options"]
