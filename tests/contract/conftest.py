from collections.abc import Iterator

import pytest

from mirrorfs.core.provider import Target
from tests.contract.harness import CASES, Case, Fresh


@pytest.fixture(scope="module", params=CASES, ids=[case.name for case in CASES])
def fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fresh]:
    case: Case = request.param
    with case.serve(tmp_path_factory.mktemp(case.name)) as made:
        yield made


@pytest.fixture
def target(fresh: Fresh) -> Iterator[Target]:
    made = fresh()
    yield made
    made.close()
