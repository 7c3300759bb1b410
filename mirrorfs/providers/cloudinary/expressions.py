"""Search expressions (https://cloudinary.com/documentation/search_expressions)."""

from __future__ import annotations

from mirrorfs.providers.cloudinary.tree import Layout

STORED_TYPES = ("upload", "private", "authenticated")
"""What was uploaded: assets of other types (fetched, social, generated) are only links."""

STORED = f"({' OR '.join(f'type:{one}' for one in STORED_TYPES)})"


def directly_in(layout: Layout, raw: str) -> str:
    """Match the assets in one folder."""
    return f"{STORED} AND {_field(layout)}:{_quote(raw)}"


def anywhere_in(layout: Layout, raw: str) -> str:
    """Match the assets of a whole subtree."""
    if not raw:
        return STORED
    field, below = _field(layout), f'"{_escape(raw)}/*"'
    return f"{STORED} AND ({field}:{_quote(raw)} OR {field}:{below})"


def touched_since(layout: Layout, moment: str) -> str:
    """Match the assets below the root uploaded or changed at ``moment`` (ISO 8601) or later."""
    since = f'(uploaded_at>="{moment}" OR last_updated.updated_at>="{moment}")'
    return f"{anywhere_in(layout, layout.root)} AND {since}"


def _field(layout: Layout) -> str:
    return "asset_folder" if layout.dynamic else "folder"


def _quote(text: str) -> str:
    return f'"{_escape(text)}"'


def _escape(text: str) -> str:
    return text.replace('"', r"\"").replace("*", r"\*")
