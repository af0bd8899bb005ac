"""The same counts by other means: what the project's own are measured against."""
