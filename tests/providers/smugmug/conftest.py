from collections.abc import Iterator

import pytest

from tests.providers.smugmug.account import Account, serving


@pytest.fixture
def account() -> Iterator[Account]:
    with serving() as made:
        yield made
