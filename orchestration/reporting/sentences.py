"""The sentence under an indicator in a language that the warehouse does not write, from published verdicts alone."""

from orchestration.reporting.formats import Formats
from orchestration.reporting.indicators import Indicator


def worded(f: Formats, item: Indicator, previous: str | None) -> str:
    """What the published sentence says, in the words of the language: level, evolution, place beside the reference."""
    texts = f.texts["phrases"]
    if not item.current.shown:
        reason = f.why(item.current.missing, item.current.motif)
        return str(texts["non_publie"]).format(raison=reason)
    note = item.kind == "note"
    written = f.decimal(item.current.valeur) if note else f.percent(item.current.valeur)
    level = str(texts["note"]).format(valeur=written) if note else written
    change = ""
    if item.evolution.shown:
        size = abs(item.evolution.valeur)
        change = str(texts["ampleur"]).format(valeur=f.decimal(size if note else 100 * size))
    template = str(texts.get(str(item.verdict.valeur)) or texts["niveau"])
    beside = str(texts.get(str(item.gap_verdict.valeur)) or "")
    sentence = template.format(niveau=level, ampleur=change, avant=previous or "")
    return f.typography(sentence[:1].upper() + sentence[1:] + beside + ".")
