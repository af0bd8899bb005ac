"""SPSS files, .sav and .zsav: the codes themselves, user-missing ones included; labels are the contract's business."""

from __future__ import annotations

from pathlib import Path

from orchestration.errors import DeliveryError
from orchestration.extracts.form import Format
from orchestration.extracts.readers.tables import LINE, UNREADABLE, RawTable, as_text, check_size


def read(path: Path, form: Format, name: str) -> list[RawTable]:
    """Reads an SPSS file; `encodage` replaces the one its header declares.

    Raises:
        DeliveryError: texts are not in the encoding declared, or the table is beyond measure.
    """
    import pyreadstat

    encoding = form.encodage
    try:
        _, meta = pyreadstat.read_sav(str(path), metadataonly=True, encoding=encoding, output_format="polars")
        check_size(max(meta.number_rows or 0, 0), meta.number_columns or 0, name)
        # without user_missing, don't know and refusal come back as plain blanks
        frame, _ = pyreadstat.read_sav(
            str(path), user_missing=True, apply_value_formats=False, encoding=encoding, output_format="polars"
        )
    except DeliveryError:
        raise
    except Exception as error:
        if "encoding" not in str(error) and not isinstance(error, UnicodeError):
            raise
        said = f"du {encoding}" if encoding else "dans l'encodage que le fichier annonce"
        raise DeliveryError(
            UNREADABLE,
            f"{name} : des textes ne sont pas {said} ; donner « encodage » (cp1252, utf-8…) dans le contrat.",
        ) from None
    return [RawTable(None, as_text(frame, name).with_row_index(LINE, offset=1))]
