"""What several integration tests start."""

from tests.support.production import postgres  # noqa: F401 - a fixture
