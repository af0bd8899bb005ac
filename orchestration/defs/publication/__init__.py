"""Gates and editions, as asset checks and assets."""
