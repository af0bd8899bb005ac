"""What stands beside a theme, as letter and leaflets print it: commitments, testimonies and stories."""

from __future__ import annotations

import io
from pathlib import Path

import segno

from orchestration.programme.stories import Story
from orchestration.reporting.commitments import UP_TO_DATE, Beside, Change, Commitment
from orchestration.reporting.formats import address_shown
from orchestration.reporting.identity import picture
from orchestration.reporting.letter.words import Printable, Writer


def printed_beside(writer: Writer, found: Beside | None, place: str) -> Printable | None:
    """The contents beside one theme; None where there is nothing.

    Args:
        writer: the language.
        found: what is to be printed there.
        place: of whom the figures are, in words.
    """
    if not found:
        return None
    return {
        "titre": writer.plain("engagements"),
        "chapo": writer.plain("engagements_chapo"),
        "engagements": [printed_commitment(writer, one, place) for one in found.commitments],
        "recits": [_story(writer, one) for one in found.stories],
    }


def printed_commitment(writer: Writer, one: Commitment, place: str) -> Printable:
    """A commitment: where it stands, whose it is, what its questions did since; `place` as above."""
    head = [writer.plain("engagement"), writer.word("etats", one.row["etat"])]
    if one.row["situation"] != UP_TO_DATE:
        head.append(writer.word("situations", one.row["situation"]))
    proof = one.row["preuve"]
    return {
        "surtitre": " · ".join(head),
        "texte": writer.text(one.row["texte"]),
        "qui": f"{one.who(writer)}, {one.when(writer)}",
        "preuve": writer.plain("engagement_preuve", preuve=proof) if proof else "",
        "mesure": writer.plain("engagement_mesure", lieu=place, vague=one.since) if one.changes else "",
        "absent": one.unmeasured(writer),
        "evolutions": [_change(writer, change) for change in one.changes],
    }


def _change(writer: Writer, change: Change) -> Printable:
    return {
        "libelle": writer.text(change.libelle),
        "ecart": writer.figure(change.evolution, change.written),
        "verdict": writer.judged(change.verdict, opinion=change.judged),
    }


def _story(writer: Writer, story: Story) -> Printable:
    head = story.head
    return {
        "genre": writer.word("genres", head.genre),
        "titre": writer.text(head.titre),
        "blocs": [
            {
                "genre": block["genre"],
                "lignes": [[{**run, "texte": writer.text(run["texte"])} for run in line] for line in block["lignes"]],
            }
            for block in story.body
        ],
        "qui": ", ".join(writer.text(part) for part in (head.auteur, head.role) if part),
        "image": _picture(story.picture, writer.text(head.texte_alternatif)) if story.picture else None,
        "lien": _link(writer, head.lien) if head.lien else None,
    }


def _link(writer: Writer, address: str) -> Printable:
    """An address to go to, and its QR code for whoever reads it on paper."""
    drawn = io.BytesIO()
    # a margin of four modules is what ISO/IEC 18004 asks for
    segno.make_qr(address, error="m").save(drawn, kind="svg", border=4, light=None, xmldecl=False)
    return {
        "adresse": address,
        "montre": address_shown(address),
        "svg": list(drawn.getvalue()),
        "alternative": writer.plain("code_qr", adresse=address),
    }


def _picture(path: Path, told: str) -> Printable:
    """A picture as the press wants it, and as a page does."""
    return {
        "format": path.suffix.lower().lstrip("."),
        "octets": list(path.read_bytes()),
        "adresse": picture(path),
        "alternative": told,
    }
