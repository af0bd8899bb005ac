"""What a leaflet prints: one content, read from the organisme's own file, for its page and its PDF."""

from __future__ import annotations

from pathlib import Path

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting import study
from orchestration.reporting.cells import Cell, Edition, Row
from orchestration.reporting.commitments import UP_TO_DATE, Beside, beside, commitments
from orchestration.reporting.figures import Figures
from orchestration.reporting.formats import decimals_of, exactly, family
from orchestration.reporting.highlights import glance
from orchestration.reporting.indicators import AS_PUBLISHED, Indicator, Scope
from orchestration.reporting.leaflet.between import printed_between
from orchestration.reporting.leaflet.predecessors import printed_predecessors
from orchestration.reporting.leaflet.standing import Chapter, Standing, chapters, failings, own_scope
from orchestration.reporting.letter import frame
from orchestration.reporting.letter.beside import printed_beside, printed_commitment
from orchestration.reporting.letter.content import named, overall, priorities
from orchestration.reporting.letter.profiles import printed_profiles
from orchestration.reporting.letter.scores import printed_scores
from orchestration.reporting.letter.words import Notes, Printable, Writer
from orchestration.reporting.marks import note_unit
from orchestration.reporting.notices import agencies, said
from orchestration.words import explanation_of

LISTED, PRIORITIES = 3, 12
# a question, a difference of its figure, and the verdict on it
Judged = tuple[Indicator, Cell, Cell]
# what a line of the leaflet has in common with one of the letter
PRINTED = ("libelle", "notes", "unite", "precision", "bornes", "indicatif", "evolution", "verdict", "base")


def leaflet(database: Path, code: str, programme: ProgrammeConfig, root: Path | None = None) -> Printable:
    """The contents of an organisme's leaflet.

    Args:
        database: the organisme's own DuckDB file.
        code: the organisme.
        programme: what programme.yaml says.
        root: the programme's folder, for the organisme's stories; None for a leaflet without them.
    """
    writer = Writer.of_programme(programme)
    with Edition(database) as edition:
        region = study.scope(edition, programme)
        own = own_scope(edition, programme, code)
        meta = study.last_edition(edition)
        line = next(iter(study.coverage(edition, own)), None)
        name = line.nom if line else code
        figures = Figures(edition, own)
        alone = study.without_interviews(edition, own)
        found = [] if alone else chapters(figures, Figures(edition, region))
        own_themes = [chapter.theme for chapter in found]
        first = glance(figures, own_themes)
        everything = [standing for chapter in found for standing in chapter.lines]
        opinions = [standing for standing in everything if standing.item.ranked]
        standings = [standing for standing in opinions if standing.item.kind == "note"] or opinions
        beside_others = [(s.item, s.gap, s.verdict) for s in standings if s.item.current.shown]
        since = [(s.item, s.item.evolution, s.item.verdict) for s in standings]
        made = [one for one in commitments(edition, own, own_themes) if one.row["organisme_code"] == code]
        places = beside(
            (theme.code for theme in own_themes),
            (one for one in made if one.row["situation"] == UP_TO_DATE),
            root,
            code,
        )
        # an organisme that takes part for the first time has nothing to be compared with
        compared = any(verdict.valeur is not None for _, _, verdict in since)
        referenced = any(standing.regional.reference.shown for standing in everything)
        source = study.printed_source(writer, edition, region, programme.estimation.reference_base_supposee)
        return {
            **frame.document(writer, programme, own, meta, about=name),
            "organisme": _organisme(writer, edition, line, code),
            "reserve": writer.plain("livret_destinataire", nom=name),
            "avertissement": frame.warning(writer, programme),
            "edition": writer.plain("edition_numero", n=meta["edition"]),
            "publiee": writer.plain("publiee", date=writer.long_date(meta["publiee_le"])),
            "sans_entretiens": writer.plain("sans_entretiens", vague=own.current) if alone else "",
            "vagues": list(own.vagues),
            "ensemble": overall(writer, own, first) if first.overall else None,
            "face": _facing(writer, standings, first.overall),
            **_lists(writer, beside_others, since),
            "hausses_aucune": writer.plain("aucune_hausse") if compared else writer.plain("sans_evolution"),
            "baisses_aucune": writer.plain("baisses_aucune") if compared else writer.plain("sans_evolution"),
            "instituts": agencies(writer, [standing.item for standing in everything], own),
            "source": source if referenced else "",
            "profils": printed_profiles(
                writer, _compared(study.axes(edition, own, first.overall)), first.overall, own.current, None
            ),
            "echelle": _scale(standings),
            "themes": [_chapter(writer, chapter, places[chapter.theme.code], name, own.previous) for chapter in found],
            "predecesseurs": printed_predecessors(writer, edition, own, found),
            "ailleurs": printed_beside(writer, places.get(""), name),
            "a_reprendre": [
                printed_commitment(writer, one, name) for one in made if one.row["situation"] != UP_TO_DATE
            ],
            "priorites": priorities(writer, edition, own, own_themes, first.overall, PRIORITIES),
            "scores": printed_scores(writer, edition, own, region),
            "entre_vagues": printed_between(writer, edition, own, frame.colours(programme)),
            "qualite": _quality(writer, edition, own),
            "places": writer.plain("livret_places") if programme.secret.secondary else "",
            "tirage": study.sampling(edition, own, programme, writer)[0],
            "citation": frame.citation(writer, programme, own, meta),
        }


def _compared(axes: list[study.Axis]) -> list[study.Axis]:
    """The axes of which two segments or more have a figure: one alone is beside nothing."""
    return [axis for axis in axes if sum(segment.value.shown for segment in axis.segments) > 1]


def _organisme(writer: Writer, edition: Edition, line: study.Coverage | None, code: str) -> Printable:
    about = max(edition.rows("dim_organisme"), key=lambda row: str(row.get("valide_de")), default={})
    label = about.get("label_qualite")
    return {
        "code": code,
        "nom": writer.text(line.nom if line else code),
        "famille": writer.text(line.famille if line else ""),
        "label": writer.text(label) if label else "",
        "statut": writer.label(writer.coverage(line.statut)) if line else None,
        "motif": writer.text(line.motif) if line else "",
        "chiffres": [
            {"valeur": writer.figure(cell, kind), "libelle": writer.plain(words)}
            for cell, kind, words in (
                (line.interviews, "entier", "repondants_interroges"),
                (line.stock, "entier", "livret_parc"),
                (line.share, "taux_fin", "livret_part"),
            )
        ]
        if line
        else [],
    }


def _facing(writer: Writer, standings: list[Standing], item: Indicator | None) -> Printable | None:
    standing = next((found for found in standings if item is not None and found.item.code == item.code), None)
    return _line(writer, standing, Notes(), standing.item.maximum) if standing else None


def _lists(writer: Writer, beside_others: list[Judged], since: list[Judged]) -> Printable:
    """The four lists of the first page; their titles (`titres`) say of how many questions a list shows the first."""
    found = {
        "forces": _farthest(beside_others, "hausse"),
        "faiblesses": _farthest(beside_others, "baisse"),
        "hausses": _farthest(since, "hausse"),
        "baisses": _farthest(since, "baisse"),
    }
    entries = {
        name: [
            {**named(writer, item, judgement), "ecart": writer.figure(difference, f"ecart_{item.kind}")}
            for item, difference, judgement in lines[:LISTED]
        ]
        for name, lines in found.items()
    }
    return {**entries, "titres": {name: _title(writer, name, len(lines)) for name, lines in found.items()}}


def _title(writer: Writer, name: str, questions: int) -> str:
    title = writer.plain(name)
    cut = questions > LISTED
    return writer.plain("liste_coupee", titre=title, montrees=LISTED, n=questions) if cut else title


def _farthest(judged: list[Judged], direction: str) -> list[Judged]:
    """The questions whose difference is established in that direction, the largest difference first."""
    found = [line for line in judged if family(line[2].valeur) == direction and line[1].shown]
    return sorted(found, key=lambda line: -abs(float(line[1].valeur)))


def _scale(standings: list[Standing]) -> list[float]:
    """The two ends of the axis of notes, whole numbers, the same for every question."""
    top = note_unit([s.item.maximum for s in standings]).top
    values = [
        float(cell.valeur)
        for s in standings
        for cell in (s.item.current, s.region, s.place.first, s.place.third)
        if cell.shown
    ]
    return [float(int(min(values))), min(top, float(int(max(values)) + 1))] if values else [0.0, top]


def _told(writer: Writer, chapter: Chapter, previous: str | None) -> str:
    """What the verdicts of a theme come to, since the wave before and beside the others; nothing of fewer than two."""
    gaps = chapter.gaps()
    total, above, below = sum(gaps.values()), gaps["hausse"], gaps["baisse"]
    beside_others = writer.plain("theme_face", total=total, dessus=above, dessous=below) if total > 1 else ""
    return " ".join(filter(None, (said(writer, chapter.changes(), previous), beside_others)))


def _chapter(writer: Writer, chapter: Chapter, found: Beside, name: str, previous: str | None) -> Printable:
    notes = Notes()
    theme = chapter.theme
    unit = writer.out_of(theme.maximum).strip()
    return {
        "numero": str(theme.numero),
        "ancre": theme.anchor,
        "surtitre": writer.plain("theme_numero", n=theme.numero),
        "libelle": writer.text(theme.libelle),
        "unite": f" ({unit})" if unit else "",
        "dit": _told(writer, chapter, previous),
        "notes": [_line(writer, s, notes, theme.maximum) for s in chapter.lines if s.item.kind == "note"],
        "taux": [_line(writer, s, notes, None) for s in chapter.lines if s.item.kind == "taux" and s.item.judged],
        "faits": [_line(writer, s, notes, None) for s in chapter.lines if not s.item.judged],
        "recommandations": [writer.recommendation(block) for block in theme.recommendations],
        "motifs": [writer.motives(block) for block in theme.motives],
        "raisons": notes.printed(),
        "cote": printed_beside(writer, found, name),
    }


def _line(writer: Writer, standing: Standing, notes: Notes, shared: float | None) -> Printable:
    """One question: the waves, the evolution, the region, the gap, and where to draw the quartiles."""
    item, place = standing.item, standing.place
    own = writer.line(item, notes, shared)
    quarter = place.quarter.valeur if place.quarter.shown else None
    drawn = place.first.shown and item.current.shown
    points = {"q1": place.first, "mediane": place.median, "q3": place.third, "valeur": item.current}
    return {
        "ancre": item.anchor,
        "code": item.code,
        **{name: own[name] for name in PRINTED},
        "region": writer.figure(standing.region, item.written, notes),
        "reference": writer.reference(standing.regional),
        "ecart": writer.figure(standing.gap, f"ecart_{item.kind}") if standing.gap.shown else None,
        "face": writer.judged(standing.verdict, opinion=item.judged),
        "quart": writer.plain(f"quart_{quarter}") if quarter else None,
        "quartiles": [writer.figure(cell, _quartile(item, cell)) for cell in (place.first, place.median, place.third)]
        if place.first.shown
        else None,
        "absent": None if place.first.shown else writer.figure(place.first, item.kind, notes),
        "trait": {name: float(cell.valeur) for name, cell in points.items()} if drawn else None,
    }


def _quartile(item: Indicator, cell: Cell) -> str:
    """The kind that a quartile is written as: as fine as the figure beside it, where it is published so finely."""
    unit, digits = (1, 2) if item.kind == "note" else (100, 1)
    finer = item.finer > 1 and decimals_of(exactly(cell.valeur) * unit, digits, digits + 1) > digits
    return item.written if finer else AS_PUBLISHED[item.kind]


def _quality(writer: Writer, edition: Edition, own: Scope) -> Printable:
    rows = failings(edition, own)
    return {
        "lignes": [_failing(writer, row) for row in rows],
        "rejetees": writer.plain("livret_rejets", lignes=writer.integer(_rejected(edition, own))) if rows else "",
    }


def _rejected(edition: Edition, own: Scope) -> int:
    return sum(int(row.get("lignes_rejetees") or 0) for row in edition.rows("obs_couverture", vague=own.current))


def _failing(writer: Writer, row: Row) -> Printable:
    texts = writer.texts
    key = {name: str(row[name]) for name in ("livraison", "porte", "regle")}
    remedies = (texts[kind].get(str(row[code])) for kind, code in (("regles", "regle"), ("gravites", "gravite")))
    return {
        "libelle": writer.text(row["libelle"]),
        "gravite": writer.word("gravites", row["gravite"]),
        "lignes": writer.figure(Cell("obs_qualite", key, "nb_lignes", row["nb_lignes"]), "entier"),
        "fichier": writer.text(row["fichier"]),
        "exemple": writer.text(row.get("exemple")),
        "remede": writer.text(next(filter(None, map(explanation_of, remedies)), "")),
    }
