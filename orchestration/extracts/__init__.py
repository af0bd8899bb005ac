"""From a delivered file to the lake: read, map by contract, validate, keep what is accepted and why the rest is not."""
