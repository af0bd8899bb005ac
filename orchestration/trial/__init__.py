"""One delivery tried against its contract: what each gate of a run would say; nothing of the programme changes."""
