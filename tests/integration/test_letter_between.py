"""What the letter says of the newest periods and of quality schemes, held to queries that share nothing with its writer."""

from __future__ import annotations

import re

from tests.support import paper
from tests.support.demo import Demo


def _french(value: float) -> str:
    """A published note as the letter writes it, with the decimals that it has."""
    return (f"{value:.1f}" if value == round(value, 1) else f"{value:.2f}").replace(".", ",")


def _text(demo: Demo) -> str:
    return paper.squeezed("\n".join(paper.pages(demo.root / "reports" / "courant" / "lettre.pdf")))


def test_the_letter_has_the_newest_period_of_each_dispositif(demo: Demo) -> None:
    rows = demo.query(
        """
        with recentes as (
            select *, row_number() over (partition by dispositif_code order by ordre desc) as rang
            from observatoire.dim_vague where not est_principale
        )
        select q.libelle, v.libelle as periode, v.vague_principale, s.note_moyenne as note, s.note_ic_bas as bas, s.note_ic_haut as haut,
            m.valeur, m.ic_bas, m.ic_haut, p.note_moyenne as avant
        from recentes as v
        inner join observatoire.fct_satisfaction as s using (vague)
        inner join observatoire.dim_question as q using (question_code)
        inner join observatoire.fct_moyenne_mobile as m using (vague, perimetre_type, perimetre, question_code)
        left join observatoire.fct_satisfaction as p
            on p.vague = v.vague_principale and p.question_code = s.question_code
                and p.perimetre_type = 'region' and p.axe = 'ensemble'
        where v.rang = 1 and s.perimetre_type = 'region' and s.axe = 'ensemble' and s.statut = 'V' and s.note_moyenne is not null
        """
    ).to_dicts()
    assert len(rows) >= 4
    section = _text(demo).rpartition(paper.squeezed("Entre deux vagues"))[2]
    for row in rows:
        told = [row["note"], row["bas"], row["haut"], row["valeur"], row["ic_bas"], row["ic_haut"]]
        printed = "{}{}–{}{}{}–{}".format(*map(_french, told))
        assert paper.squeezed(row["libelle"].replace("'", "’")) in section, row
        assert printed in section, (row, printed)


def test_the_letter_names_who_holds_a_quality_scheme_and_counts_what_is_perceived(demo: Demo) -> None:
    text, wave = _text(demo), demo.query("select vague from observatoire.dim_vague where est_courante")["vague"][0]
    held = demo.query(f"select distinct intitule, organisme from observatoire.fct_demarche where vague = '{wave}'")
    section = text.rpartition(paper.squeezed("Démarches qualité"))[2].partition(paper.squeezed("Entre deux vagues"))[0]
    for row in held.to_dicts():
        assert all(paper.squeezed(row[name].replace("'", "’")) in section for name in row), row
    count = held["organisme"].n_unique()
    assert re.search(rf"{wave}:{count}sur\d+\.", section), section[:300]
    counts = demo.query(
        "select verdict, count(*) as n from observatoire.fct_comparaison inner join observatoire.dim_question using (question_code)"
        f" where vague = '{wave}' and comparaison = perimetre_type and perimetre = 'avec' and axe = 'ensemble'"
        " and nature in ('satisfaction', 'recommandation', 'indice') and verdict is not null group by all"
    ).to_dicts()
    words = {"non significatif": "sans écart établi"}
    for row in counts:
        word = paper.squeezed(words.get(row["verdict"], row["verdict"]))
        assert f"{word}:{row['n']}" in section, (row, section)
