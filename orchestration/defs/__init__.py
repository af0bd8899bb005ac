"""Dagster objects, thin: each folder is one step of the flow, each function calls the plain Python beside it.

The plain Python is imported inside the functions: web server, daemon and every run load these modules, and polars,
DuckDB and the validators would add a third to the 2 s that takes.
"""

import warnings

from dagster import BetaWarning, PreviewWarning

# backfill_policy is called beta, checks by partition a preview; dagster is pinned, and its warnings would open every
# command's output
warnings.filterwarnings("ignore", category=BetaWarning)
warnings.filterwarnings("ignore", category=PreviewWarning)
