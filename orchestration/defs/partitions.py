"""Partitions: one per delivery, not a wave × organisme grid whose empty cells would count as missing."""

import dagster as dg

LIVRAISONS = dg.DynamicPartitionsDefinition(name="livraisons")
