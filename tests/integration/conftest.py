"""What several integration tests start."""

from tests.support.production import postgres  # noqa: F401 - a fixture
from tests.support.sound_installation import kept, root  # noqa: F401 - fixtures
