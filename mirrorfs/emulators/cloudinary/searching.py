"""The Search API: https://cloudinary.com/documentation/search_method."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.asset_fields import FOLDER_FIELDS
from mirrorfs.emulators.cloudinary.cursors import read_cursor, write_cursor
from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.expression import parse_expression
from mirrorfs.emulators.cloudinary.index import read_sort
from mirrorfs.emulators.cloudinary.match import compile_test, find_field
from mirrorfs.emulators.cloudinary.moments import admin_time

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.folders import Folder
    from mirrorfs.emulators.cloudinary.params import Params

_MOST_FOLDERS = 2000


def search(call: Call) -> dict[str, Any]:
    """Find assets; 50 a page unless asked otherwise, 500 at most."""
    cloud, params = call.cloud, call.params
    started = cloud.clock()
    sort = read_sort(params.raw("sort_by"), cloud.fields)
    ids = cloud.index.query(params.text("expression"), sort)
    start = _resume(ids, params.text("next_cursor"))
    count = params.count("max_results", 50)
    chosen = ids[start : start + count]
    fields, extra = _names(params, "fields"), _names(params, "with_field")
    writer = call.writer
    assets = cloud.index.pick(chosen)
    answer: dict[str, Any] = {
        "total_count": len(ids),
        "time": int((cloud.clock() - started) * 1000),
        "resources": [
            writer.search_chosen(one, fields) if fields else writer.search_item(one, extra)
            for one in assets
        ],
    }
    if start + len(chosen) < len(ids):
        answer["next_cursor"] = write_cursor(start + len(chosen), chosen[-1])
    if "aggregate" in params:
        answer["aggregations"] = _aggregations(call, params, ids)
    return answer


def search_folders(call: Call) -> dict[str, Any]:
    """Find folders, 2000 in all at most, by path unless asked otherwise."""
    params = call.params
    started = call.cloud.clock()
    test = compile_test(parse_expression(params.text("expression")), FOLDER_FIELDS, started)
    found = [folder for folder in call.cloud.folders if test(folder)]
    wanted = params.raw("sort_by") or [{"path": "asc"}]
    for name, direction in reversed(read_sort(wanted, FOLDER_FIELDS)):
        found.sort(key=find_field(name, FOLDER_FIELDS).read, reverse=direction == "desc")
    found = found[:_MOST_FOLDERS]
    start = _resume([one.external_id for one in found], params.text("next_cursor"))
    chosen = found[start : start + params.count("max_results", 50)]
    answer: dict[str, Any] = {
        "total_count": len(found),
        "time": int((call.cloud.clock() - started) * 1000),
        "folders": [_folder(one) for one in chosen],
    }
    if start + len(chosen) < len(found):
        answer["next_cursor"] = write_cursor(start + len(chosen), chosen[-1].external_id)
    return answer


def _folder(folder: Folder) -> dict[str, Any]:
    return {
        "name": folder.name,
        "path": folder.path,
        "created_at": admin_time(folder.created_at),
        "external_id": folder.external_id,
    }


def _resume(ids: list[str], cursor: str) -> int:
    """Give where the next page starts: after the last one's last item, if it is still there."""
    mark = read_cursor(cursor)
    if mark is None:
        return 0
    start, last = int(mark[0]), mark[1]
    if 0 < start <= len(ids) and ids[start - 1] == last:
        return start
    return ids.index(last) + 1 if last in ids else min(start, len(ids))


def _names(params: Params, name: str) -> list[str]:
    value = params.raw(name)
    if value is None:
        return []
    texts = value if isinstance(value, list) else str(value).split(",")
    return [str(one).strip() for one in texts]


def _aggregations(call: Call, params: Params, ids: list[str]) -> dict[str, dict[str, int]]:
    """Count values of whole fields; ranges, which need Tier 2, are refused."""
    wanted = params.raw("aggregate")
    counts: dict[str, dict[str, int]] = {}
    for name in wanted if isinstance(wanted, list) else [wanted]:
        if name not in {"resource_type", "type", "format"}:
            raise bad_request(f"Aggregation by {name} is not supported")
        read = find_field(name, call.cloud.fields).read
        counts[name] = dict(Counter(read(one) for one in call.cloud.index.pick(ids)))
    return counts
