"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# Shared machines are slow now and then: a slow example is no failure. Examples are the same in every run.
settings.register_profile("partload", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("partload")
