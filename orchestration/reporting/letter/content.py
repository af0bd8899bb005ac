"""What the letter prints, read from the published file: the same figures as the page, as data for its template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from orchestration.programme.config import ProgrammeConfig
from orchestration.programme.stories import CONTEXT, PUBLISHER, SCHEMES
from orchestration.reporting import readings, study
from orchestration.reporting.cells import Cell, Edition
from orchestration.reporting.commitments import Beside, beside, commitments, places
from orchestration.reporting.directory import directory
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import family
from orchestration.reporting.highlights import glance
from orchestration.reporting.indicators import Glance, Indicator, Scope, Theme
from orchestration.reporting.letter import frame
from orchestration.reporting.letter.beside import printed_beside
from orchestration.reporting.letter.between import printed_newest
from orchestration.reporting.letter.drawings import theme_drawings
from orchestration.reporting.letter.profiles import printed_profiles
from orchestration.reporting.letter.publisher import printed_publisher
from orchestration.reporting.letter.schemes import printed_schemes
from orchestration.reporting.letter.scores import printed_scores
from orchestration.reporting.letter.words import Notes, Printable, Writer
from orchestration.reporting.notices import agencies, said, shares_note, tones
from orchestration.reporting.readings import Priority

PRIORITIES = 10
# organismes from which the letter lists their names only
MANY = 40


def letter(database: Path, programme: ProgrammeConfig, root: Path | None = None) -> Printable:
    """The contents of the regional letter.

    Args:
        database: the edition's DuckDB file.
        programme: what programme.yaml says.
        root: the programme's folder, for its logo, its texts and its directory.
    """
    writer = Writer.of_programme(programme)
    with Edition(database) as edition:
        scope = study.scope(edition, programme)
        figures = Figures(edition, scope)
        alone = study.without_interviews(edition, scope)
        themes = [] if alone else figures.themes()
        first = glance(figures, themes)
        profile = study.profile(edition, scope)
        meta = study.last_edition(edition)
        source = study.printed_source(writer, edition, scope, programme.estimation.reference_base_supposee)
        drawings = theme_drawings(themes, scope, writer, frame.colours(programme))
        held = printed_schemes(writer, edition, scope, themes, first.overall)
        found = beside(places(themes, schemes=held is not None), commitments(edition, scope, themes), root)
        region = writer.plain("region")
        return {
            **frame.document(writer, programme, scope, meta),
            "couverture": frame.cover(writer, programme, scope, meta, profile, root),
            "essentiel": _essential(writer, scope, first, programme, root),
            "profil": _profile(
                writer,
                profile,
                study.compositions(edition, scope),
                scope,
                writer.plain("sans_entretiens", vague=scope.current) if alone else "",
            ),
            "themes": [
                _theme(
                    writer,
                    theme,
                    drawings.get(theme.code),
                    scope,
                    found[theme.code],
                    referenced=bool(source) and theme.referenced,
                )
                for theme in themes
            ],
            "contexte": printed_beside(writer, found[CONTEXT], region),
            "ailleurs": printed_beside(writer, found.get(""), region),
            "vagues": list(scope.vagues),
            "source": source or None,
            "profils": printed_profiles(
                writer, study.axes(edition, scope, first.overall), first.overall, scope.current, programme.rapport.carte
            ),
            "priorites": priorities(writer, edition, scope, themes, first.overall, PRIORITIES),
            "scores": printed_scores(writer, edition, scope),
            "demarches": held and {**held, "cote": printed_beside(writer, found[SCHEMES], region)},
            "entre_vagues": printed_newest(writer, edition, scope),
            "organismes": _coverage(writer, edition, scope, profile),
            "association": printed_publisher(writer, found[PUBLISHER], directory(root, programme)),
            "methode": frame.method(
                writer,
                programme,
                first.maximum,
                scored=any(theme.notes for theme in themes),
                referenced=bool(source),
                sampling=study.sampling(edition, scope, programme, writer),
            ),
            "citation": frame.citation(writer, programme, scope, meta),
        }


def _essential(writer: Writer, scope: Scope, first: Glance, programme: ProgrammeConfig, root: Path | None) -> Printable:
    report = programme.rapport
    return {
        "edito": [writer.text(text) for text in report.edito],
        "signature": writer.text(report.signature),
        "portrait": frame.pressed_picture(root, report.portrait),
        "portrait_dit": writer.plain("portrait_de", nom=writer.text(report.signature)),
        "ensemble": overall(writer, scope, first, programme.estimation.estimateur_imprime) if first.overall else None,
        "progres": [
            {
                **named(writer, item),
                "ecart": writer.figure(item.evolution, f"ecart_{item.kind}"),
                "selon_bareme": writer.plain("selon_bareme") if item.sensitive else "",
                "encore_sous": writer.plain("encore_sous", vague=item.still_below) if item.still_below else "",
                "panel": writer.on_panel(item),
            }
            for item in first.progress
        ],
        "vigilance": [{**named(writer, item), **_alarm(writer, item)} for item in first.vigilance],
        "hautes": [named(writer, item) for item in first.highest],
        "basses": [named(writer, item) for item in first.lowest],
    }


def overall(writer: Writer, scope: Scope, first: Glance, estimator: str = "domaine") -> Printable:
    """The question of overall satisfaction: note, interval, rate, waves, distribution.

    Args:
        writer: the language.
        scope: the slice that is printed.
        first: what the reader sees first; it has an overall question.
        estimator: the programme's `estimateur_imprime`.
    """
    item = first.overall
    assert item is not None
    notes = Notes()
    known, bound = item.low.shown and item.high.shown, "borne" if item.kind == "note" else "taux_fin"
    return {
        "libelle": writer.text(item.libelle),
        "note": writer.figure(item.current, item.written, notes),
        "unite": writer.unit(item),
        "intervalle": writer.plain(
            "intervalle_de_a", bas=writer.figure(item.low, bound)["t"], haut=writer.figure(item.high, bound)["t"]
        )
        if known
        else None,
        "indicatif": writer.indicative(item.fragile),
        "satisfaits": writer.plain("taux_satisfaits", taux=writer.figure(first.overall_rate, "taux_fin")["t"])
        if item.ranked and first.overall_rate and first.overall_rate.shown
        else None,
        "parts": shares_note(writer, estimator),
        "panel": writer.on_panel(item),
        "avant": [
            writer.plain("etait", vague=wave, note=writer.figure(cell, item.written)["t"])
            for wave, cell in zip(scope.vagues, item.values[:-1], strict=False)
            if cell.shown
        ],
        "depuis": writer.plain(
            "depuis", ecart=writer.figure(item.evolution, f"ecart_{item.kind}")["t"], vague=scope.previous
        )
        if item.evolution.shown
        else None,
        "verdict": writer.judged(item.verdict),
        "selon_bareme": writer.plain("selon_bareme") if item.sensitive else "",
        "repartition": [
            {**writer.option(str(row["libelle"]), cell), "ton": tone}
            for (row, cell), tone in zip(first.distribution, tones(row for row, _ in first.distribution), strict=True)
        ],
        "raisons": notes.printed(),
    }


def named(writer: Writer, item: Indicator, verdict: Cell | None = None) -> Printable:
    """A question in a list: its figure, and the verdict on its evolution, or another."""
    return {
        "libelle": writer.text(item.libelle),
        "note": writer.figure(item.current, item.written),
        "unite": writer.unit(item),
        "verdict": writer.judged(verdict or item.verdict),
    }


def _alarm(writer: Writer, item: Indicator) -> Printable:
    """What calls for attention: a fall, or a note under the national reference."""
    falls, under = (family(cell.valeur) == "baisse" for cell in (item.verdict, item.gap_verdict))
    unit = "ecart_note" if item.reference_is_note else "ecart_pourcentage"
    return {
        "ecart": writer.figure(item.evolution, f"ecart_{item.kind}") if falls else None,
        "panel": writer.on_panel(item) if falls else "",
        "verdict": writer.judged(item.verdict) if falls else None,
        "evolution_selon_bareme": writer.plain("selon_bareme") if falls and item.sensitive else "",
        "ecart_reference": writer.figure(item.gap, unit) if under else None,
        "verdict_reference": writer.judged(item.gap_verdict) if under else None,
        "selon_bareme": writer.plain("selon_bareme") if under and item.gap_sensitive else "",
    }


def _profile(
    writer: Writer, profile: study.Profile, found: list[study.Composition], scope: Scope, alone: str
) -> Printable:
    return {
        "sans_entretiens": alone,
        "phrase": alone or frame.conducted(writer, profile),
        "composition": " ".join(frame.composition(writer, composition, scope) for composition in found),
        "chiffres": frame.key_figures(writer, profile, asked=not alone),
    }


def _notes_title(writer: Writer, theme: Theme, *, compared: bool, referenced: bool) -> str:
    """The title of a theme's notes, which names the columns beside them."""
    if compared and referenced:
        return writer.plain("titre_notes", theme=theme.libelle)
    if compared:
        return writer.plain("titre_notes_evolution", theme=theme.libelle)
    if referenced:
        return writer.plain("titre_notes_reference", theme=theme.libelle)
    return writer.plain("titre_notes_seules", theme=theme.libelle)


def _theme(
    writer: Writer, theme: Theme, drawing: Printable | None, scope: Scope, found: Beside, *, referenced: bool
) -> Printable:
    notes, rates, facts = Notes(), Notes(), Notes()
    told = said(writer, theme.compared(), scope.previous)
    return {
        "numero": str(theme.numero),
        "libelle": writer.text(theme.libelle),
        "definition": writer.text(theme.definition),
        "dit": told,
        "instituts": agencies(writer, theme.indicators, scope),
        # the sentence above the counts says it where there is one
        "bilan_de": "" if told else writer.plain("bilan_de"),
        "bilan": [
            {
                "verdict": writer.label(writer.verdict(count.verdict)),
                "nombre": str(count.questions.valeur),
                "legers": writer.plain("dont_legers", n=count.slight.valeur)
                if count.slight is not None and count.slight.valeur
                else "",
            }
            for count in theme.tally()
            if theme.verdicts and scope.previous
        ],
        "dessin": drawing,
        "reference": referenced,
        "reference_dessinee": theme.reference_drawn,
        "notes": [writer.line(item, notes, theme.maximum) for item in theme.notes],
        "taux": [writer.line(item, rates, None) for item in theme.rates],
        "faits": [writer.line(item, facts, None) for item in theme.facts],
        "titre_notes": _notes_title(writer, theme, compared=bool(scope.previous), referenced=referenced),
        "titre_taux": writer.plain("titre_taux", theme=theme.libelle),
        "titre_faits": writer.plain("titre_faits", theme=theme.libelle),
        "raisons": notes.printed(),
        "raisons_taux": rates.printed(),
        "raisons_faits": facts.printed(),
        "recommandations": [writer.recommendation(block) for block in theme.recommendations],
        "motifs": [writer.motives(block) for block in theme.motives],
        "cote": printed_beside(writer, found, writer.plain("region")),
    }


def priorities(
    writer: Writer, edition: Edition, scope: Scope, themes: Sequence[Theme], item: Indicator | None, most: int
) -> Printable | None:
    """What weighs on overall satisfaction, the heaviest first, `most` at most; None when the table is not published."""
    lines = [line for line in readings.priorities(edition, scope, themes) if item is None or line.overall == item.code]
    if not lines:
        return None
    shown = [line for line in lines if line["rang"].shown]
    if not shown:
        return {
            "absent": writer.plain("priorites_absentes", raison=writer.text(lines[0]["rang"].motif)),
            "lignes": [],
        }
    return {
        "absent": None,
        "chapo": writer.plain("priorites_importance", question=item.libelle if item else ""),
        "base": writer.plain(
            "priorites_base",
            base=writer.integer(shown[0]["base_brute"].valeur),
            part=writer.percent(shown[0]["part_expliquee"].valeur),
        ),
        "limites": writer.plain("priorites_limites"),
        "reste": writer.plain("priorites_premieres", n=most, total=len(shown)) if len(shown) > most else "",
        "lignes": [_priority(writer, line) for line in shown[:most]],
    }


def _priority(writer: Writer, line: Priority) -> Printable:
    bounds = [writer.integer(cell.valeur) for cell in (line["rang_ic_bas"], line["rang_ic_haut"]) if cell.shown]
    return {
        "rang": writer.figure(line["rang"], "entier"),
        # a rank that is sure has no other to be told
        "rangs": "–".join(bounds) if len(set(bounds)) > 1 else "",
        "libelle": writer.text(line.libelle),
        "importance": writer.figure(line["importance"], "taux_fin"),
        "part": float(line["importance"].valeur),
        "note": writer.figure(line["note"], line.written),
        "lecture": writer.label(writer.reading(line["lecture"].valeur)),
    }


def _coverage(writer: Writer, edition: Edition, scope: Scope, profile: study.Profile) -> Printable:
    lines = study.coverage(edition, scope)
    chapo = writer.plain(
        "couverture_chapo",
        n=writer.figure(profile.organismes, "entier").get("t", ""),
        attendus=writer.figure(profile.expected, "entier").get("t", ""),
        part=writer.figure(profile.share, "taux").get("t", ""),
    )
    if unknown := sum(line.share.shown and not line.stock.shown for line in lines):
        chapo = f"{chapo} {writer.plain('parcs_inconnus', n=unknown)}"
    return {
        "chapo": chapo,
        "nombreux": len(lines) > MANY,
        "inclus": [_member(writer, line) for line in lines if line.included],
        "colonnes": _by_family([_member(writer, line) for line in lines if line.included]),
        "reserves": [_member(writer, line) for line in lines if line.statut == "reserve"],
        "absents": [_member(writer, line) for line in lines if line.statut in ("rejete", "attendu")],
    }


def _by_family(members: Sequence[Printable]) -> list[list[Printable]]:
    """Members under their families, in two columns of about as many lines; a family that is cut has its name again."""
    families: dict[str, list[Printable]] = {}
    for member in members:
        families.setdefault(member["famille"], []).append(member)
    ranked = [member for family in families.values() for member in family]
    half = (len(ranked) + 1) // 2
    columns = []
    for part in (ranked[:half], ranked[half:]):
        names = dict.fromkeys(member["famille"] for member in part)
        columns.append([{"famille": name, "membres": [m for m in part if m["famille"] == name]} for name in names])
    return columns


def _member(writer: Writer, line: study.Coverage) -> Printable:
    return {
        "nom": writer.text(line.nom),
        "famille": writer.text(line.famille),
        "statut": writer.label(writer.coverage(line.statut)),
        # among those that are included, what sets one apart
        "a_part": writer.label(writer.coverage(line.statut)) if line.statut != "inclus" else None,
        "motif": writer.text(line.motif),
        "entretiens": writer.figure(line.interviews, "entier"),
        "parc": writer.figure(line.stock, "entier"),
    }
