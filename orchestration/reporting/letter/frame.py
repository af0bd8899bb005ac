"""What stands around the figures of a printed document: identity, cover, method, citation."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from orchestration.programme.config import ProgrammeConfig
from orchestration.reporting import study
from orchestration.reporting.cells import Row
from orchestration.reporting.identity import picture_file
from orchestration.reporting.indicators import Scope
from orchestration.reporting.letter.words import Printable, Writer
from orchestration.reporting.pages import statuses, thresholds, verdicts

COLOURS = {"accent": "#1f4d74", "vif": "#a23b16", "couverture": "#18344c"}


def document(writer: Writer, programme: ProgrammeConfig, scope: Scope, meta: Row, about: str = "") -> Printable:
    """Metadata of the file, colours, running heads; `about` names the organisme of a leaflet."""
    report = programme.rapport
    title = writer.text(report.titre or programme.nom)
    edition = writer.plain("edition_numero", n=meta["edition"])
    published = meta["publiee_le"]
    named = f"{writer.text(about)} – {title}" if about else title
    return {
        "langue": writer.language,
        "mots": {name: writer.text(text) for name, text in writer.words.said.items()},
        "deux_points": writer.plain("deux_points", nom="", valeur=""),
        "identite": colours(programme),
        "demonstration": writer.plain("demonstration") if programme.demonstration else None,
        "document": {
            "titre": f"{named}, {writer.plain('citation_vague', vague=scope.current)}",
            "auteur": writer.text(programme.editeur or title),
            "description": f"{writer.text(programme.nom)}. {edition}.",
            "motscles": [writer.text(programme.region or programme.nom), scope.current, edition],
            "date": _date(published),
        },
        "courant": {
            "gauche": writer.text(about) or title,
            "droite": " · ".join(map(writer.text, filter(None, (programme.region, scope.current)))),
            "pied": f"{edition} · {writer.plain('livret_reserve')}" if about else edition,
        },
    }


def colours(programme: ProgrammeConfig) -> dict[str, str]:
    """The programme's colours by day; the house's where it gives none."""
    return COLOURS | programme.rapport.couleurs.chosen(*COLOURS)


def cover(
    writer: Writer,
    programme: ProgrammeConfig,
    scope: Scope,
    meta: Row,
    profile: study.Profile,
    root: Path | None,
) -> Printable:
    """The first page."""
    report = programme.rapport
    wave = profile.vague["libelle"] or scope.current
    published = writer.plain("publiee", date=writer.long_date(meta["publiee_le"])) if meta["publiee_le"] else ""
    return {
        "surtitre": " · ".join(map(writer.text, filter(None, (programme.region, wave)))),
        "titre": writer.text(report.titre or programme.nom),
        "sous_titre": writer.text(report.sous_titre),
        "millesime": scope.current,
        "numero": writer.text(report.numero),
        "edition": writer.plain("edition_numero", n=meta["edition"]),
        "publiee": published,
        "editeur": writer.text(programme.editeur),
        "avertissement": warning(writer, programme),
        "logo": pressed_picture(root, report.logo),
        "image": pressed_picture(root, report.image),
    }


def pressed_picture(root: Path | None, name: str | None) -> Printable | None:
    """A picture that `rapport` names, as the press wants it; None where there is none."""
    path = picture_file(root, name)
    if path is None:
        return None
    return {"format": path.suffix.lower().lstrip("."), "octets": list(path.read_bytes())}


def warning(writer: Writer, programme: ProgrammeConfig) -> str:
    """What is said of invented figures; nothing where they are real."""
    if not programme.demonstration:
        return ""
    return writer.text(programme.rapport.avertissement) or writer.plain("demonstration")


def conducted(writer: Writer, profile: study.Profile) -> str:
    """How, when and with how many people the survey was made."""
    wave = profile.vague
    said = writer.plain(
        "conduite",
        mode=writer.word("modes", wave["mode_collecte"]) or writer.plain("enquete"),
        periode=writer.period(wave["terrain_debut"], wave["terrain_fin"]),
        n=writer.figure(profile.interviews, "entier").get("t", ""),
    )
    return f"{said}."


def composition(writer: Writer, found: study.Composition, scope: Scope) -> str:
    """Which organismes the current wave and an earlier one have not in common."""
    left = writer.figure(found.left, "entier")["t"]
    if found.share_left.shown:
        left = writer.plain("composition_part", m=left, part=writer.figure(found.share_left, "taux_fin")["t"])
    return writer.plain(
        "composition",
        vague=scope.current,
        avant=found.before,
        n=writer.figure(found.joined, "entier")["t"],
        m=left,
    )


def key_figures(writer: Writer, profile: study.Profile, *, asked: bool = True) -> list[Printable]:
    """The four figures of the study; the number of questions only where they were asked."""
    expected = writer.figure(profile.expected, "entier").get("t", "")
    share = writer.figure(profile.share, "taux").get("t", "")
    return [
        {"valeur": writer.figure(cell, "entier"), "libelle": label}
        for label, cell in (
            (writer.plain("repondants_interroges"), profile.interviews),
            (writer.plain("questions_posees"), profile.questions),
            (writer.plain("organismes_consolides", n=expected), profile.organismes),
            (writer.plain("unites_representees", part=share), profile.stock),
        )
        if asked or cell is not profile.questions
    ]


def method(
    writer: Writer,
    programme: ProgrammeConfig,
    maximum: float | None,
    scored: bool,
    referenced: bool,
    sampling: tuple[str, str],
) -> Printable:
    """How to read it, the thresholds of the programme, the verdicts and the statuses in words.

    Args:
        writer: the language.
        programme: what programme.yaml says.
        maximum: of all notes; None where they differ.
        scored: some questions have a note.
        referenced: figures are compared with a national reference.
        sampling: what `study.sampling` returned.
    """
    secret = programme.secret.organismes_secrets
    masked = writer.plain("lire_masques_texte") if secret else writer.plain("organismes_publics")
    masked += f" {writer.plain('lire_masques_deduits')}" if programme.secret.secondary else ""
    read = writer.plain("methode_note", sur=writer.out_of(maximum)) if scored else writer.plain("methode_taux")
    weights, plan = sampling
    precision = writer.plain("lire_precision_note" if scored else "lire_precision_taux")
    evolutions = [writer.plain("lire_evolutions_texte")]
    evolutions += [writer.plain("lire_bareme")] if scored else []
    evolutions += [writer.plain("lire_tiret" if secret else "lire_tiret_public")]
    evolutions += [writer.plain("lire_references")] if referenced else []
    printed = writer.word("estimateurs", programme.estimation.estimateur_imprime)
    return {
        "textes": [
            {"titre": title, "texte": text}
            for title, text in (
                (writer.plain("lire_une_note"), f"{read} {weights} {printed}"),
                (
                    writer.plain("lire_precision_titre"),
                    f"{precision} {writer.plain('lire_precision_texte', plan=plan)}",
                ),
                (writer.plain("lire_evolutions_titre"), " ".join(evolutions)),
                (writer.plain("lire_masques_titre"), masked),
            )
        ],
        "seuils": [{"libelle": label, "valeur": value} for label, value in thresholds(writer, programme, scored)],
        "verdicts": [
            {"verdict": writer.label(label), "sens": label.reason} for label in verdicts(writer, referenced).values()
        ],
        "statuts": [
            {"mot": f"{label.symbol} {label.word}".strip(), "sens": label.reason}
            for label in statuses(writer, programme).values()
        ],
    }


def citation(writer: Writer, programme: ProgrammeConfig, scope: Scope, meta: Row) -> Printable:
    """How to cite the edition, and where its figures come from."""
    return {
        "texte": writer.plain(
            "citation_edition",
            editeur=programme.editeur or programme.rapport.titre,
            nom=programme.nom or "",
            vague=scope.current,
            edition=meta["edition"],
            date=writer.long_date(meta["publiee_le"]),
        ),
        "exactitude": writer.plain("exactitude", edition=meta["edition"], revision=meta.get("revision") or "–"),
        "demonstration": writer.plain("ne_pas_citer") if programme.demonstration else None,
    }


def _date(published: datetime | None) -> Printable | None:
    return {"year": published.year, "month": published.month, "day": published.day} if published else None
