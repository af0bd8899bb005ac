"""What surrounds a run: lock, leftovers of a killed one, refusals of the machine, outcome, and who is told."""
