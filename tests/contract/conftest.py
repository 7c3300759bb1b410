from collections.abc import Iterator

import pytest

from tests.contract.harness import CASES, Case, Fresh, Subject


@pytest.fixture(scope="module", params=CASES, ids=[case.name for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    made: Case = request.param
    return made


@pytest.fixture(scope="module")
def fresh(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    with case.serve(tmp_path_factory.mktemp(case.name)) as made:
        yield made


@pytest.fixture
def on(case: Case, fresh: Fresh) -> Iterator[Subject]:
    made = fresh()
    yield Subject(made, case)
    made.close()
