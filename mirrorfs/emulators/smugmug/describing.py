"""``Options``: what an endpoint may be asked (SmugMug API, advanced/options).

The list of its output fields, ``Output``, is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.parameters import DESCRIPTIONS

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.endpoints import Endpoint, Match, Parameter
    from mirrorfs.emulators.smugmug.errors import Problems
    from mirrorfs.emulators.smugmug.keys import Permissions, Token

MEDIA_TYPES = (
    "application/json",
    "application/vnd.php.serialized",
    "application/x-msgpack",
    "text/html",
    "text/csv",
)
_LEVELS = {"Album", "Node", "User"}
_PARTS = {"album": "albumkey", "image": "imagekey", "nick": "nickname", "node": "nodeid"}


def describe_briefly(endpoint: Endpoint, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Give what goes with every answer, if the method has parameters."""
    if method == "GET" and not endpoint.parameters:
        return {}
    parameters = endpoint.parameters if method == "GET" else ()
    return {"Methods": [method], **_parameters(parameters, method, params)}


def describe_wholly(match: Match, params: Mapping[str, Any], token: Token | None) -> dict[str, Any]:
    """Give what goes with OPTIONS and with answers of verbosity 3.

    ``Methods`` are those the token allows; those of a visitor read.
    """
    endpoint = match.endpoint
    permissions: dict[str, Permissions] = {"OPTIONS": "Read", "GET": "Read"}
    permissions |= endpoint.permissions
    methods = [
        name
        for name, needed in permissions.items()
        if needed == "Read" or (token and token.allows(needed))
    ]
    return {
        "MethodDetails": {name: {"Permissions": [one]} for name, one in permissions.items()},
        "Methods": methods,
        **(_parameters(endpoint.parameters, "GET", params) if endpoint.parameters else {}),
        "MediaTypes": list(MEDIA_TYPES),
        **({"Notes": list(endpoint.notes)} if endpoint.notes else {}),
        **({"ResponseLevels": _levels(endpoint)} if endpoint.type in _LEVELS else {}),
        "Path": _path(match),
    }


def describe_problems(
    endpoint: Endpoint, method: str, params: Mapping[str, Any], problems: Mapping[str, Problems]
) -> dict[str, Any]:
    """Give what goes with a 400 or 409: each parameter with its value and its problems."""
    known = {one.name for one in endpoint.parameters}
    told = [_parameter(one, params) for one in endpoint.parameters]
    told += [{"Name": name} for name in problems if name not in known]
    for entry in told:
        if entry["Name"] in params:
            entry["Value"] = params[entry["Name"]]
        problem = problems.get(entry["Name"])
        if problem:
            entry["UriProblems" if isinstance(problem, dict) else "Problems"] = problem
    return {"Methods": [method], "Parameters": {method: told}}


def _parameters(
    parameters: tuple[Parameter, ...], method: str, params: Mapping[str, Any]
) -> dict[str, Any]:
    types = dict.fromkeys(one.type for one in parameters)
    described = {name: DESCRIPTIONS[name] for name in types}
    told = {"Parameters": {method: [_parameter(one, params) for one in parameters]}}
    return {"ParameterDescription": described, **told} if described else told


def _parameter(one: Parameter, params: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"Name": one.name, "Required": False, "ReadOnly": False, "Default": one.default}
    entry["Type"] = one.type
    if one.options:
        entry["OPTIONS"] = list(one.options)
    value = {"Value": params[one.name]} if one.name in params else {}
    return {**entry, **one.facts, **value}


def _levels(endpoint: Endpoint) -> list[str]:
    if endpoint.type == "Album":
        return ["Full", "Password", "Public", "GrantAccess"]
    return ["Full", "Public", "Password", "GrantAccess"]


def _path(match: Match) -> list[dict[str, str]]:
    path, _, action = match.endpoint.template.partition("!")
    steps = [{"type": "path", "text": "api"}, {"type": "path", "text": "v2"}]
    for piece in path.strip("/").split("/"):
        name = piece.partition("{")[2].partition("}")[0]
        if name:
            value = match.ids.get(name, "")
            kind = _PARTS.get(name, name)
            steps.append({"type": "singleparam", "param_name": kind, "param_value": value})
        elif piece:
            steps.append({"type": "path", "text": piece})
    return [*steps, {"type": "action", "text": action}] if action else steps
