"""What a service says of a picture, under one set of names: keys of ``Entry.facts``.

All are text. A fact that a service does not tell, or tells as empty, is not there.
"""

from __future__ import annotations

TITLE = "title"
CAPTION = "caption"
KEYWORDS = "keywords"
"""Joined by :data:`KEYWORDS_SEPARATOR`."""
LATITUDE = "latitude"
"""Decimal degrees, north positive."""
LONGITUDE = "longitude"
"""Decimal degrees, east positive."""
TAKEN = "taken"
"""The camera's wall clock, ``YYYY-MM-DDTHH:MM:SS`` without a zone (EXIF DateTimeOriginal)."""

DESCRIPTION = (TITLE, CAPTION, KEYWORDS, LATITUDE, LONGITUDE, TAKEN)
"""All of them, in the order in which they are shown."""

KEYWORDS_SEPARATOR = "; "
