from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import Changed, Unavailable
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary.diagnoses import Diagnoses
from tests.core.fakes import FakeClock


def entry(number: int) -> Entry:
    return Entry(RemotePath(f"{number}"), Kind.FILE, f"id{number}", "r", 1, 0, None, {})


class Service:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = Changed("It changed.", "Look again.")

    def current(self, entry: Entry) -> None:
        self.asked.append(entry.id)
        if self.error:
            raise self.error


def test_a_finding_is_remembered_for_minutes() -> None:
    service, clock = Service(), FakeClock()
    diagnoses = Diagnoses(service.current, clock)
    for _ in range(5):
        assert str(diagnoses.of(entry(1))) == "It changed. Look again."
    assert service.asked == ["id1"]
    service.error = None
    clock.sleep(301)
    assert diagnoses.of(entry(1)) is None
    assert diagnoses.of(entry(1)) is None
    assert service.asked == ["id1", "id1"]


def test_a_few_a_minute_are_asked() -> None:
    service, clock = Service(), FakeClock()
    diagnoses = Diagnoses(service.current, clock)
    told = [diagnoses.of(entry(number)) for number in range(100)]
    assert len(service.asked) == len([one for one in told if one]) == 4
    clock.sleep(61)
    assert diagnoses.of(entry(50))


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    service, clock = Service(), FakeClock()
    diagnoses = Diagnoses(service.current, clock)
    for number in range(4):
        diagnoses.of(entry(number))
    clock.time -= 1_000_000
    service.error = None
    assert diagnoses.of(entry(1)) is None
    assert len(service.asked) == 5


def test_what_could_not_be_asked_is_not_remembered() -> None:
    service = Service()
    diagnoses = Diagnoses(service.current, FakeClock())
    service.error = Unavailable("Down.")
    assert diagnoses.of(entry(1)) is None
    service.error = Changed("It changed.")
    assert diagnoses.of(entry(1))
