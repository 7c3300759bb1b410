"""What a running mount tells Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mirrorfs.metrics import Figure
from mirrorfs.mount.composing import Mounted


def figures_of(mounted: Sequence[Mounted]) -> Iterator[Figure]:
    """Yield tree, cache and quota of each remote."""
    for one in mounted:
        labels = {"remote": one.part.remote, "name": one.part.name}
        for name, about, value in (*_tree(one), *_cache(one), *_quota(one)):
            yield Figure(f"mirrorfs_{name}", about, value, labels)


def _tree(one: Mounted) -> Iterator[tuple[str, str, float | None]]:
    status = one.branch.tree.status()
    state = status.state
    yield "tree_files", "Files that are listed.", state.files
    yield "tree_folders", "Folders that are listed.", state.folders
    yield "tree_bytes", "Bytes of all files that are listed.", state.bytes
    yield "tree_complete", "1 when every folder is listed.", int(state.complete)
    yield "tree_listed_timestamp_seconds", "When all was last looked at.", state.listed_at
    yield "tree_failing", "1 when the last look failed.", int(bool(status.error))
    yield "tree_retry_timestamp_seconds", "When it is tried again.", status.retry_at or None


def _cache(one: Mounted) -> Iterator[tuple[str, str, float | None]]:
    info = one.store.info()
    yield "cache_bytes", "Room that the cache takes on the disk.", info.bytes
    yield "cache_limit_bytes", "Room that it may take.", info.limits.max_bytes
    yield "cache_files", "Files of which something is cached.", info.files
    yield "cache_hits_total", "Blocks that were there when they were wanted.", info.hits
    yield "cache_misses_total", "Blocks that had to be fetched.", info.misses


def _quota(one: Mounted) -> Iterator[tuple[str, str, float | None]]:
    usage = one.source.usage()
    yield "api_calls_total", "Calls that count against the quota.", usage.calls
    yield "quota_limit", "Calls that a period allows.", usage.limit
    yield "quota_remaining", "Calls that are left.", usage.remaining
    yield "quota_reset_timestamp_seconds", "When all are there again.", usage.resets_at
