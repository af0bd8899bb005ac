"""What dbt asks every adapter for: dbt-spark's own version."""

from dbt.adapters.spark.__version__ import version

__all__ = ["version"]
