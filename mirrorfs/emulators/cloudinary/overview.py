"""Account-wide endpoints: ping, config, usage, tags.

https://cloudinary.com/documentation/admin_api#usage, .../admin_api#config, .../admin_api#tags
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.moments import admin_time

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call

_CREDITS = 25


def ping(_: Call) -> dict[str, Any]:
    """Tell that the service is up."""
    return {"status": "ok"}


def config(call: Call) -> dict[str, Any]:
    """Tell the cloud's name and creation; the folder mode with ``settings=true``."""
    cloud = call.cloud
    answer: dict[str, Any] = {
        "cloud_name": cloud.settings.cloud_name,
        "created_at": admin_time(cloud.started),
    }
    if call.params.flag("settings"):
        answer["settings"] = {"folder_mode": cloud.settings.folder_mode}
    return answer


def usage(call: Call) -> dict[str, Any]:
    """Tell what is stored and allowed; for a past day only numbers without limits."""
    cloud, settings = call.cloud, call.cloud.settings
    assets = [one for one in cloud.account if not one.placeholder]
    derived = sum(len(one.derived) for one in assets)
    whole = "date" not in call.path
    today = time.strftime("%Y-%m-%d", time.gmtime(cloud.clock()))
    answer: dict[str, Any] = {
        "plan": "Free" if settings.hourly_limit <= 500 else "Plus",
        "last_updated": today,
        "date_requested": call.path.get("date", today),
        "transformations": _amount(derived, whole=whole),
        "objects": _amount(len(assets) + derived, whole=whole),
        "bandwidth": _amount(0, whole=whole),
        "storage": _amount(sum(one.bytes for one in assets), whole=whole),
        "requests": 0,
        "resources": len(assets),
        "derived_resources": derived,
        "media_limits": {
            "image_max_size_bytes": settings.image_max_bytes,
            "video_max_size_bytes": settings.video_max_bytes,
            "raw_max_size_bytes": settings.raw_max_bytes,
            "image_max_px": 25_000_000,
            "asset_max_total_px": 50_000_000,
        },
    }
    if whole:
        answer["credits"] = {"usage": 0.0, "limit": _CREDITS, "used_percent": 0.0}
    return answer


def tags(call: Call) -> dict[str, Any]:
    """List a resource type's tags in alphabetical order, from a prefix on if one is given."""
    kind, prefix = call.path["resource_type"], call.params.text("prefix")
    found = sorted(
        name[2]
        for name in call.cloud.account.shelves.names("tag")
        if name[1] == kind and name[2].startswith(prefix)
    )
    after = call.params.text("next_cursor")
    rest = [one for one in found if one > after]
    count = call.params.count("max_results", 10)
    answer: dict[str, Any] = {"tags": rest[:count]}
    if len(rest) > count:
        answer["next_cursor"] = rest[count - 1]
    return answer


def _amount(used: int, *, whole: bool) -> dict[str, Any]:
    if not whole:
        return {"usage": used}
    return {"usage": used, "limit": None, "used_percent": 0.0}
