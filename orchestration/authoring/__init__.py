"""Writes what a person declares of a programme: a new programme, and the next wave of one.

In: answers, an extract, or the wave before. Out: text files of the programme folder, ready for `observatoire check`.
What only a person knows is listed, never made up. Nothing here reads a delivery into the lake.
"""
