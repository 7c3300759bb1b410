"""What an emulated account looks like and how its server listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

FolderMode = Literal["dynamic", "fixed"]


@dataclass(frozen=True)
class Settings:
    """One product environment ("cloud") and the address that serves it.

    Sizes are bytes, times seconds. The defaults are those of a free plan as documented:
    500 Admin calls per clock hour, 10 MiB images and raw files, 100 MB per upload request.
    ``data`` keeps the account across restarts; without it everything lives in a temporary folder.
    ``block_documents`` refuses PDF and ZIP delivery (401), as new free accounts do until their
    owner allows it; ``optimize_by_default`` re-encodes images unless a URL says ``fl_original``.
    ``automatic_backup`` backs up every upload, ``list_placeholders`` leaves deleted assets that
    have a backup in plain lists (whether the service does so is not documented).
    """

    cloud_name: str = "demo"
    api_key: str = "key"
    api_secret: str = field(default="secret")
    folder_mode: FolderMode = "dynamic"
    data: Path | None = None
    hourly_limit: int = 500
    search_lag: float = 0.0
    delay: float = 0.0
    host: str = "127.0.0.1"
    port: int = 0
    certfile: Path | None = None
    keyfile: Path | None = None
    image_max_bytes: int = 10_485_760
    raw_max_bytes: int = 10_485_760
    video_max_bytes: int = 104_857_600
    request_max_bytes: int = 104_857_600
    automatic_backup: bool = False
    block_documents: bool = False
    optimize_by_default: bool = False
    list_placeholders: bool = False

    def max_bytes(self, resource_type: str) -> int:
        """Give the plan's size limit for a resource type, in bytes."""
        limits = {"image": self.image_max_bytes, "video": self.video_max_bytes}
        return limits.get(resource_type, self.raw_max_bytes)
