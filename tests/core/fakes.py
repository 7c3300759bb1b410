"""Stand-ins for time."""


class FakeClock:
    """Time that passes only while somebody sleeps; ``slept`` keeps how long each time."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += max(seconds, 0.0)
