"""How a client wants its answer: the parameters whose names begin with an underscore.

SmugMug API: advanced/filters (``_filter``, ``_filteruri``, ``_shorturis``, ``_verbosity``),
advanced/expansions (``_expand``, with dots for expansions of expansions, ``_expandmethod``),
advanced/config (``_config``), advanced/overrides (``_accept``, ``_method``, ``_pretty``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus

from mirrorfs.emulators.smugmug.errors import bad_request

_MAGIC = frozenset(
    {
        "_accept", "_config", "_expand", "_expandmethod", "_filter", "_filteruri", "_method",
        "_shorturis", "_verbosity",
    }
)  # fmt: skip
_SECRET = ("oauth_", "APIKey")


@dataclass(frozen=True)
class Plan:
    """What is wanted of one endpoint's answer; None filters nothing."""

    filter: frozenset[str] | None = None
    filteruri: frozenset[str] | None = None
    expand: Mapping[str, Plan] = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    multiargs: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Wishes:
    """All of a request's magic parameters; ``inline`` puts expansions into ``Uris``."""

    plan: Plan = Plan()
    verbosity: int = 2
    short_uris: bool = False
    inline: bool = False
    pretty: bool = False


def read_wishes(query: Mapping[str, str]) -> Wishes:
    """Understand the magic parameters; 400 for a ``_config`` or ``_verbosity`` that is none."""
    verbosity = query.get("_verbosity", "2")
    if verbosity not in {"1", "2", "3"}:
        raise bad_request("_verbosity", "Must be 1, 2, or 3")
    return Wishes(
        _read_plan(query),
        int(verbosity),
        short_uris="_shorturis" in query or verbosity == "1",
        inline=query.get("_expandmethod") == "inline",
        pretty="_pretty" in query,
    )


def echo(query: str) -> str:
    """Give what ``Response.Uri`` repeats of a query string, in the client's own order.

    Parameters that shape the answer are not repeated, but for ``_pretty``; others whose names begin
    with an underscore are. What proves who asks is not.
    """
    pieces = [piece for piece in query.split("&") if piece and _is_echoed(piece)]
    return "?" + "&".join(pieces) if pieces else ""


def _is_echoed(piece: str) -> bool:
    name = unquote_plus(piece.partition("=")[0])
    return name not in _MAGIC and not name.startswith(_SECRET)


def _read_plan(query: Mapping[str, str]) -> Plan:
    plan = Plan()
    if "_config" in query:
        try:
            config = json.loads(query["_config"])
        except ValueError:
            raise bad_request("_config", "Must be a JSON object") from None
        plan = _read_config(config)
    if "_filter" in query:
        plan = replace(plan, filter=_names(query["_filter"].split(",")))
    if "_filteruri" in query:
        plan = replace(plan, filteruri=_names(query["_filteruri"].split(",")))
    for path in filter(None, query.get("_expand", "").split(",")):
        plan = _expand(plan, path.split("."))
    return plan


def _expand(plan: Plan, path: Sequence[str]) -> Plan:
    if not path:
        return plan
    name, below = path[0], path[1:]
    deeper = _expand(plan.expand.get(name, Plan()), below)
    return replace(plan, expand={**plan.expand, name: deeper})


def _read_config(config: Any) -> Plan:
    if not isinstance(config, dict):
        raise bad_request("_config", "Must be a JSON object")
    multiargs, expand = config.get("multiargs", []), config.get("expand") or {}
    if "args" in config and multiargs:
        raise bad_request("_config", "args and multiargs exclude each other")
    if not isinstance(expand, dict) or not isinstance(multiargs, list):
        raise bad_request("_config", "Not understood")
    return Plan(
        _names(config["filter"]) if "filter" in config else None,
        _names(config["filteruri"]) if "filteruri" in config else None,
        {name: _read_config(inner or {}) for name, inner in expand.items()},
        _arguments(config.get("args") or {}),
        [_arguments(one) for one in multiargs],
    )


def _names(given: Any) -> frozenset[str]:
    if not isinstance(given, list):
        raise bad_request("_config", "A filter must be a list of names")
    return frozenset(str(name) for name in given if name)


def _arguments(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise bad_request("_config", "Arguments must be an object")
    return {name: str(value) for name, value in given.items()}
