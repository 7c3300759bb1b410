from collections.abc import Iterator

import pytest

from mirrorfs.emulators.cloudinary import Settings
from tests.providers.cloud import Cloud, run


@pytest.fixture
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """An account; parametrise indirectly with :class:`Settings` for another than the default."""
    with run(getattr(request, "param", Settings())) as running:
        yield running
