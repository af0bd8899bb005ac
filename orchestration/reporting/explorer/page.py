"""Writes the explorer: `explorateur.html`, and one file of data per question in `explorateur/`.

A file of data is a script that calls one function: a page opened from disk may load scripts, and nothing else. None is
loaded before its question is asked for, so that the page is small however many figures the edition has.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from orchestration.files import write_text
from orchestration.programme import Programme
from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting.cells import Edition, Row
from orchestration.reporting.explorer.content import EVERYONE, Content
from orchestration.reporting.explorer.measures import SCORES, Asked, of_indicator, of_motives, of_score
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import Formats, anchor
from orchestration.reporting.identity import day_colours, style
from orchestration.reporting.indicators import Scope, Theme
from orchestration.reporting.notices import shares_note
from orchestration.reporting.pages import environment, script, styles
from orchestration.reporting.study import last_edition
from orchestration.reporting.waves import printed_waves

PAGE, FOLDER = "explorateur.html", "explorateur"
SCRIPTS = ("recherche.js", "explorateur_dessin.js", "explorateur_sorties.js", "explorateur.js")


def write_explorer(
    figures: Figures,
    themes: Iterable[Theme],
    programme: ProgrammeConfig,
    f: Formats,
    synonyms: Mapping[str, str],
    out: Path,
) -> Path:
    """Writes `out/explorateur.html` and `out/explorateur/`; returns the page.

    Args:
        figures: the published tables.
        themes: the themes that the report prints, with their questions.
        programme: what programme.yaml says.
        f: the language.
        synonyms: by question, the programme's other words for it.
        out: folder of the report.
    """
    edition, scope = figures.edition, figures.scope
    waves = _waves(edition, scope)
    content = Content(f, edition, scope, waves)
    folder = out / FOLDER
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    taken: set[str] = set()
    listed, places, segments = [], set(), set()
    for title, asked in _asked(f, figures, themes, edition):
        file = content.file(asked)
        if not file["cellules"]:
            continue
        name = _name(asked.address, taken)
        write_text(f"explorateur({_json(file)});\n", folder / name)
        listed.append(
            {
                "theme": title,
                "code": asked.address,
                "nom": f.typography(asked.libelle),
                "texte": f.typography(asked.formulation),
                "mots": synonyms.get(asked.code, ""),
                "fichier": f"{FOLDER}/{name}",
            }
        )
        for by_place in file["cellules"].values():
            places |= by_place.keys()
            segments |= {
                (axis, code) for by_axis in by_place.values() for axis, held in by_axis.items() for code in held
            }
    report, about = programme.rapport, last_edition(edition)
    css = styles()
    code, digest = script(*SCRIPTS)
    index = {
        "nom": f.typography(programme.nom or report.titre or ""),
        "edition": str(about["edition"] or "–"),
        "demonstration": f.plain("demonstration") if programme.demonstration else "",
        "decimale": f.texts["nombres"]["decimale"],
        "vagues": waves,
        "questions": listed,
        "perimetres": _perimeters(f, edition, places),
        "axes": _axes(f, edition, segments),
        "mots": words(f),
        "couleurs": day_colours(css, report.couleurs),
    }
    context = {
        "index": Markup(_json(index)),
        "vide": not listed,
        "parts_arrondies": shares_note(f, programme.estimation.estimateur_imprime),
        "titre": report.titre or programme.nom or "",
        "nom": index["nom"],
        "numero": index["edition"],
        "demonstration": programme.demonstration,
        "styles": Markup(css + style(report.couleurs)),
        "script": Markup(code),
        "empreinte_script": digest,
    }
    page = out / PAGE
    write_text(environment(f).get_template("explorateur.html.j2").render(context), page)
    return page


def words(f: Formats) -> dict[str, str]:
    """What the script says: texts of the catalogue, whose places it fills with texts."""
    return {
        "deux_points": f.plain("deux_points", nom="{nom}", valeur="{valeur}"),
        "point_virgule": f.words.said["point_virgule"],
        "de_a": f.plain("de_a", bas="{bas}", haut="{haut}"),
        "depuis": f.plain("depuis", ecart="{ecart}", vague="{vague}"),
        "valeur_en": f.plain("valeur_en", valeur="{valeur}", vague="{vague}"),
        "edition": f.plain("edition_numero", n="{n}"),
        "reference": f.plain("reference_nationale"),
        "intervalle_confiance": f.plain("intervalle_confiance"),
        "indicatif": f.plain("indicatif"),
        "indicatif_aide": f.plain("indicatif_aide"),
        "selon_bareme_aide": f.plain("selon_bareme_aide"),
        "tous": _everyone(f),
        "arrondi": f.plain("explorateur_arrondi"),
        "non_montree": f.plain("explorateur_non_montree", vague="{vague}"),
        "raisons": f.plain("raisons_du_tableau"),
        "reponses": f.plain("explorateur_reponses"),
        "comparer": f.plain("explorateur_comparer", type="{type}"),
        "bilan": f.plain("explorateur_bilan", choix="{choix}", n="{n}", m="{m}"),
        "inconnu": f.plain("explorateur_inconnu"),
        "illisible": f.plain("explorateur_illisible", fichier="{fichier}"),
        "rien": f.plain("explorateur_rien"),
        "une_question": f.plain("une_question"),
        "plusieurs_questions": f.plain("plusieurs_questions", n="{n}"),
        "aucune_question": f.plain("aucune_question"),
        "perimetre": f.plain("perimetre"),
        "profil": f.plain("profil"),
        "reponse": f.plain("reponse"),
        "part": f.plain("part"),
        "vague": f.plain("vague"),
        "intervalle": f.plain("intervalle"),
        "base": f.plain("base"),
        "evolution": f.plain("evolution"),
        "reference_titre": f.plain("reference_nationale_titre"),
    }


def synonyms_of(root: Path | None, programme: ProgrammeConfig) -> dict[str, str]:
    """By question, the programme's other words for it (`reference/mots_cles.csv`); none without its folder."""
    if root is None:
        return {}
    found: dict[str, list[str]] = {}
    for row in Programme(root, programme).rows("mots_cles"):
        found.setdefault(str(row["question_code"]), []).append(str(row["mot"]))
    return {code: " ".join(known) for code, known in found.items()}


def _asked(f: Formats, figures: Figures, themes: Iterable[Theme], edition: Edition) -> Iterable[tuple[str, Asked]]:
    """The questions under the titles of their themes, then the scores that others publish."""
    for theme in themes:
        title = f"{theme.numero}. {f.typography(theme.libelle)}"
        scored = {bloc.item.code for bloc in theme.recommendations}
        for item in theme.indicators:
            yield title, of_indicator(f, figures, item, item.code in scored)
        for motives in theme.motives:
            yield title, of_motives(f, figures, motives)
    scores = {str(row["score_code"]): row for row in edition.rows(SCORES)}
    for row in sorted(scores.values(), key=lambda row: (row["ordre"], str(row["score_code"]))):
        yield f.plain("scores_publies"), of_score(f, row)


def _waves(edition: Edition, scope: Scope) -> list[str]:
    """All waves up to the current one that have a figure or a score, the oldest first."""
    known = [str(row["vague"]) for row in printed_waves(edition)]
    known = known[: known.index(scope.current) + 1] if scope.current in known else [*known, scope.current]
    held = {
        str(wave)
        for table in ("fct_satisfaction", SCORES)
        if table in edition.tables
        for (wave,) in edition.connection.execute(f"select distinct vague from {table}").fetchall()
    }
    return [wave for wave in known if wave in held] or [scope.current]


def _perimeters(f: Formats, edition: Edition, places: set[str]) -> list[dict[str, str]]:
    """The perimeters that have a figure, by their names and in their order.

    An edition of an earlier version names none of them: there a code stands for itself, and the region comes first.
    """
    known = {f"{row['perimetre_type']}|{row['perimetre']}": row for row in edition.rows("dim_perimetre")}

    def order(place: str) -> tuple[int, bool, str]:
        return int(known[place]["ordre"]) if place in known else 0, not place.startswith("region|"), place

    found = []
    for place in sorted(places, key=order):
        kind, _, code = place.partition("|")
        row = known.get(place, {"libelle": code, "type_libelle": kind})
        name, title = f.typography(str(row["libelle"])), f.typography(str(row["type_libelle"]))
        found.append({"code": place, "nom": name, "type": kind, "titre": title})
    return found


def _axes(f: Formats, edition: Edition, held: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """The axes and their segments that have a figure, in the order of the programme; all respondents first."""
    titles = _axis_names(edition)
    rows = sorted(edition.rows("dim_segment"), key=lambda row: (row.get("axe_ordre") or 0, row.get("ordre") or 0))
    names = {(str(row["axe"]), str(row["segment"])): str(row["libelle"]) for row in rows}
    order = {pair: rank for rank, pair in enumerate(names)}
    found: dict[str, list[dict[str, str]]] = {EVERYONE[0]: []}
    for axis, code in sorted(held, key=lambda pair: (order.get(pair, len(order)), pair)):
        found.setdefault(axis, []).append({"code": code, "nom": f.typography(names.get((axis, code)) or code)})
    return [
        {
            "code": axis,
            "nom": _everyone(f) if axis == EVERYONE[0] else f.typography(titles.get(axis) or axis),
            "segments": segments,
        }
        for axis, segments in found.items()
        if segments
    ]


def _everyone(f: Formats) -> str:
    """All respondents, as a name among others: it begins with a capital letter, as they do."""
    said = f.plain("ensemble_repondants")
    return said[:1].upper() + said[1:]


def _axis_names(edition: Edition) -> dict[str, str]:
    rows: list[Row] = [row for row in edition.rows("dim_segment") if row.get("axe_libelle")]
    return {str(row["axe"]): str(row["axe_libelle"]) for row in rows}


def _name(code: str, taken: set[str]) -> str:
    """The name of a question's file: its anchor, and a number where another one has it, whatever the case."""
    stem, number = anchor(code), 1
    while (name := f"{stem}.js" if number == 1 else f"{stem}-{number}.js").lower() in taken:
        number += 1
    taken.add(name.lower())
    return name


def _json(body: Any) -> str:
    """JSON that may stand in a page and in a script, the same bytes each time."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda sign: f"\\u{ord(sign[0]):04x}", text)
