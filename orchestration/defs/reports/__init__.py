"""Reports, as assets."""
