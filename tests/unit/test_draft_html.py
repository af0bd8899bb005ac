"""A survey tool's rich text, marks and entities, changes nothing of what a draft makes of titles and values."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from orchestration.extracts.draft.titles import bare
from orchestration.programme import load_programme
from orchestration.programme.texts import clean
from tests.support.demo import delivered
from tests.support.drafting import draft, targets

PROGRAMME = load_programme(Path(__file__).resolve().parents[2] / "data")

DRESSED = [
    "<p>{}</p>",
    '<div class="q12" style="color:#30a0f0">{}<br/></div>',
    "<strong>{}</strong>&nbsp;",
    "&lt;h3&gt;{}&lt;/h3&gt;",
    "<!-- 14 --><font size=3>{}</font>",
]


@pytest.mark.parametrize("form", DRESSED)
def test_marks_and_entities_are_not_read(form: str) -> None:
    assert bare(form.format("Du bruit, de l'écho & des odeurs")) == "Du bruit, de l'écho & des odeurs"


@pytest.mark.parametrize("cut", ["</spa", "<br /", '<span style="color:#3', "&nbs", "&", "<", "</", "<p"])
def test_what_a_tool_cut_of_a_mark_is_not_read(cut: str) -> None:
    assert bare(f"L'accueil de votre agence{cut}") == "L'accueil de votre agence"


@pytest.mark.parametrize("text", ["<moins de 3 ans>", "a < b et c > d", "R&D", "< 35 ans", "Oui", "5 > 4"])
def test_a_text_without_marks_stands_as_it_is(text: str) -> None:
    assert bare(text) == text


def test_a_file_of_rich_text_is_drafted_like_the_plain_one(tmp_path: Path) -> None:
    frame = pl.read_csv(delivered() / "2022/boreal_2022_v1.csv", infer_schema=False).sample(500, seed=11)
    dressed = {c: DRESSED[i % len(DRESSED)].format(c) for i, c in enumerate(frame.columns)}
    # a list in a cell is cut before its options are read
    single = [c for c in frame.columns[5:] if not frame[c].str.contains("|", literal=True).any()]
    said = {v for c in single for v in frame[c].drop_nulls().unique() if not v[:1].isdigit() and len(v) > 4}
    marked = frame.with_columns(pl.col(c).replace({v: f"<p>{v}</p>" for v in said}) for c in single)
    found = []
    for name, table in (("plain", frame), ("rich", marked.rename(dressed))):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "boreal_2022_v1.csv"
        table.write_csv(path)
        found.append(draft(path, PROGRAMME))
    plain, rich = (targets(lines) for _, lines, _ in found)
    assert rich == {clean(dressed[c]): plain[c] for c in map(clean, frame.columns) if c in plain}
    tables = [body["codages"] for _, _, body in found]
    assert {name: {bare(v): code for v, code in said.items()} for name, said in tables[1].items()} == tables[0]
    assert any(bare(v) != v for table in tables[1].values() for v in table)
