"""Dagster objects, thin: each folder is one step of the flow, each function calls the plain Python beside it."""

import warnings

from dagster import BetaWarning

# backfill_policy is called beta; dagster is pinned, and its warning would open every command's output
warnings.filterwarnings("ignore", category=BetaWarning)
