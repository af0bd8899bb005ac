"""A survey programme: its folder, its reference data, its thresholds, and the checks that hold it to its contract."""

from orchestration.programme.programme import Programme, load_programme

__all__ = ["Programme", "load_programme"]
