"""From a built candidate to what readers see: gates, edition folder, switch, rollback."""
