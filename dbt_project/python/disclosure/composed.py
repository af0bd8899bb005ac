"""The cells of indices, which are made of the answers to other questions and could tell their cells.

Where everybody answered every component, an index is the mean of them: with the index and all components but one, one
knows the last. So an index is held back wherever a component is, and that cell is then protected as a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from disclosure.admission import Held, Rules
from disclosure.cube import suppressions

CELL = ("vague", "ensemble", "axe", "segment", "question_code")


def with_indices(
    cases: pa.Table,
    contributions: pa.Table,
    members: Mapping[tuple[str, str], frozenset[str]],
    rules: Rules,
    made_of: Iterable[tuple[str, str]],
) -> pa.Table:
    """Returns the secondary suppressions, indices judged once their components are.

    Args:
        cases: as `suppressions` takes them.
        contributions: likewise.
        members: likewise.
        rules: likewise; without a level nothing is held back, of an index either.
        made_of: index and component.
    """
    components: dict[str, list[str]] = {}
    for index, component in made_of:
        components.setdefault(index, []).append(component)
    if not components or not rules.level:
        return suppressions(cases, contributions, members, rules)
    plain, own = (_only(table, pc.invert(_about(table, components))) for table in (cases, contributions))
    held = suppressions(plain, own, members, rules)
    secrets = {*_cells(plain.filter(pc.and_(plain["primaire"], plain["secrete"])))}
    masked = {*_cells(plain.filter(plain["primaire"])), *_cells(held)}
    indices, theirs = (_only(table, _about(table, components)) for table in (cases, contributions))
    own_sake = indices["primaire"].to_numpy()
    forced = _told(indices, components, masked) & ~own_sake
    # what protects a component is no secret, of the index either: it is enough that it is not there
    secret = (indices["secrete"].to_numpy() & own_sake) | _told(indices, components, secrets)
    for column, values in (("primaire", own_sake | forced), ("secrete", secret)):
        indices = indices.set_column(indices.column_names.index(column), column, pa.array(values))
    with_a_component = indices.filter(pa.array(forced)).select(CELL)
    reasons = pa.array([str(Held.CELL)] * with_a_component.num_rows, pa.string())
    added = with_a_component.append_column("motif", reasons).cast(held.schema)
    return pa.concat_tables([held, suppressions(indices, theirs, members, rules), added])


def _about(table: pa.Table, questions: Iterable[str]) -> pa.ChunkedArray:
    """Returns which rows of a table are about some questions."""
    return pc.is_in(table["question_code"].cast(pa.string()), pa.array(sorted(questions)))


def _only(table: pa.Table, kept: pa.ChunkedArray) -> pa.Table:
    """Returns some rows of a table, its texts spelt out: a dictionary would name what no row has any more."""
    some = table.filter(kept)
    texts = [pa.types.is_dictionary(kind) for kind in some.schema.types]
    return some.cast(
        pa.schema([(f.name, pa.string() if text else f.type) for f, text in zip(some.schema, texts, strict=True)])
    )


def _told(table: pa.Table, components: Mapping[str, list[str]], cells: set[tuple[str, ...]]) -> NDArray[np.bool_]:
    """Returns which cells of indices are made of one of these cells."""
    made = [any((*place, part) in cells for part in components[code]) for *place, code in _cells(table)]
    return np.array(made, dtype=bool)


def _cells(table: pa.Table) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in table.select(CELL).to_pylist()]
