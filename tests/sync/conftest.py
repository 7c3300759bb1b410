"""Hypothesis runs as long as its profile says: ``pytest --hypothesis-profile=long``."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "long", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
