"""The Dagster code location of the programme that the environment names."""

from orchestration.defs.assembly import build_defs
from orchestration.settings import Settings

defs = build_defs(Settings.from_environment())
