"""The files that describe an edition's data, one per standard, all written from one description."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from orchestration.files import write_text
from orchestration.publication import csvw, datapackage, dcat, ddi
from orchestration.publication.description import Description

# in the order in which a reader meets them; an edition made before has the first of them, or none
NAMES = (datapackage.NAME, csvw.NAME, dcat.NAME, ddi.NAME)


def write_descriptions(told: Description, sizes: Mapping[str, int], folder: Path) -> None:
    """Writes the descriptions of an edition beside its Parquet files.

    Args:
        told: the edition.
        sizes: by table, the bytes of its Parquet file.
        folder: where these files are.
    """
    texts = {
        datapackage.NAME: datapackage.written(datapackage.data_package(told, sizes)),
        csvw.NAME: datapackage.written(csvw.csvw(told)),
        dcat.NAME: datapackage.written(dcat.dcat(told, sizes)),
        ddi.NAME: ddi.ddi(told),
    }
    for name, text in texts.items():
        write_text(text, folder / name)
