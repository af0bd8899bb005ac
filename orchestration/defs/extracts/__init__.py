"""Deliveries and the lake, as assets."""
