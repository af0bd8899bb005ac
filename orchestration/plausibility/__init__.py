"""Plausibility: deliveries and candidates held to the Great Expectations suites of `expectations/`."""
