"""Settings of all tests."""

import pytest
from hypothesis import HealthCheck, settings

# Shared machines are slow now and then: a slow example is no failure. Examples are the same in every run.
settings.register_profile("partload", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("partload")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pages of the documentation first: the longest tests would leave a worker alone at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/test_snippets"))
