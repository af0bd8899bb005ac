"""Observatoire: consolidates satisfaction surveys of many organismes into one trusted regional warehouse."""
