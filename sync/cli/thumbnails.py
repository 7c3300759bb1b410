"""Small pictures for the page of a run, from files of this machine only.

Nothing is ever fetched for them: what a cloud alone holds has no picture. Without Pillow there
are none.
"""

from __future__ import annotations

import base64
import io
import logging
import warnings
from collections.abc import Callable
from pathlib import Path

from mirrorfs.core.paths import RemotePath
from sync.model import Action, Copy, Move, Outcome, Remove, Report, Side
from sync.page import Pictures
from sync.report import done, is_rehearsal
from sync.words import line_of

MOST = 300
"""Pictures on one page, conflicts apart."""

_PIXELS = 320
_LARGEST = 128 * 1024 * 1024
_TYPES = frozenset({"jpg", "jpeg", "jpe", "png", "gif", "webp", "bmp", "tif", "tiff", "avif"})
_log = logging.getLogger(__name__)

Place = Callable[[Side, RemotePath], Path | None]
"""Side, path → where that is on this machine; ``None`` where it is not, or not there."""


def pictures_of(report: Report, place: Place) -> Pictures:
    """Return a small picture for what can be shown."""
    try:
        import PIL.Image  # noqa: F401 - only whether it is there
    except ImportError:
        _log.warning("Without Pillow the report has no pictures: pip install 'mirrorfs[report]'")
        return Pictures()
    shown: dict[RemotePath, str] = {}
    for outcome in done(report):
        if len(shown) >= MOST:
            break
        if picture := _first(_candidates(outcome, place, rehearsal=is_rehearsal(report))):
            shown[line_of(outcome.action).path] = picture
    conflicts: dict[tuple[RemotePath, Side], str] = {}
    for conflict in report.plan.conflicts:
        for side in Side:
            name = conflict.path if conflict.kept is side else conflict.moved_to
            own = (conflict.one if side is Side.ONE else conflict.two).path
            places = [place(side, own)]
            if name and not is_rehearsal(report):
                places = [place(one, name) for one in (side, side.other)]
            if picture := _first(places):
                conflicts[conflict.path, side] = picture
    return Pictures(shown, conflicts)


def _candidates(outcome: Outcome, place: Place, *, rehearsal: bool) -> list[Path | None]:
    """Return where the bytes of what was done may be, the best first."""
    action: Action = outcome.action
    match action:
        case Copy(side, source, path):
            here = [] if rehearsal else [place(side, path)]
            return [*here, place(side.other, source.path)]
        case Move(side, entry, path):
            return [place(side, entry.path if rehearsal else path), place(side.other, path)]
        case Remove(side, entry):
            kept = Path(outcome.trash) if outcome.trash else None
            return [kept, place(side, entry.path) if rehearsal else None]
    return []


def _first(places: list[Path | None]) -> str:
    return next((made for one in places if one and (made := thumbnail(one))), "")


def thumbnail(path: Path) -> str:
    """Return a small JPEG of a picture as a ``data:`` address; empty where there is none."""
    from PIL import Image, ImageOps

    if path.suffix.lstrip(".").lower() not in _TYPES:
        return ""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.draft("RGB", (_PIXELS, _PIXELS))
                picture.thumbnail((_PIXELS, _PIXELS))
                small = ImageOps.exif_transpose(picture).convert("RGB")
        body = io.BytesIO()
        small.save(body, "JPEG", quality=72)
    except Exception as error:  # whatever a broken picture does to its decoder
        _log.info("%s has no small picture: %s", path, error)
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(body.getvalue()).decode()}"
