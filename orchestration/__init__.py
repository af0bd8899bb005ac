"""Observatoire: consolidates social landlords' tenant-satisfaction surveys into one trusted regional warehouse."""
