"""What the service says of the account.

https://cloudinary.com/documentation/admin_api#get_product_environment_usage_details
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrorfs.core.provider import About

_DETAILS = {"credits": "", "bandwidth": " bytes", "transformations": "", "objects": ""}
"""Each is told as what was used, and of how much where there is a limit; and in what."""


def read_about(cloud_name: str, told: Mapping[str, Any]) -> About:
    """Return the answer of ``usage`` as a value; what is not a number is left out."""
    amounts = {name: told[name] for name in _DETAILS if isinstance(told.get(name), dict)}
    details = {name: _amount(amount, _DETAILS[name]) for name, amount in amounts.items()}
    derived = _number(told.get("derived_resources"))
    if derived is not None:
        details["derived files"] = str(derived)
    storage = told.get("storage")
    size, room = (
        (_number(storage.get("usage")), _number(storage.get("limit")))
        if isinstance(storage, dict)
        else (None, None)
    )
    return About(
        cloud_name,
        str(told.get("plan") or ""),
        _number(told.get("resources")),
        size=size,
        room=room,
        details={name: text for name, text in details.items() if text},
    )


def _amount(amount: Mapping[str, Any], unit: str) -> str:
    used, limit = amount.get("usage"), amount.get("limit")
    if not isinstance(used, int | float):
        return ""
    of = f" of {limit:.15g}" if isinstance(limit, int | float) and limit else ""
    return f"{used:.15g}{of}{unit}"


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
