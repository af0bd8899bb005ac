"""Every text of a catalogue as it may be printed: each place filled with every label that can enter it; and what is wrong with a text.

The rules are those that can be told without a dictionary: elision and contraction, agreement with a number, spaces and signs, capitals
and stops, the English article. Words that are counted are learnt from the texts themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from orchestration.programme import Programme
from orchestration.programme.dispositifs import principal_waves
from orchestration.reporting.formats import Formats
from orchestration.words import VERDICT_FAMILIES, explanation_of, names, word_of

NARROW = "\u202f"
# texts whose {n} is a threshold, or is said of two at least; the others may count one
MANY = {
    *("motifs.base_minimale", "motifs.base_efficace", "motifs.organismes_minimum", "motifs.organismes_repartition"),
    *("motifs.periodes_incompletes", "motifs.periodes_masquees"),
    *(
        "motifs.entretiens_complets",
        "motifs.base_fragile",
        "motifs.precision_supposee",
        "phrases.points",
        "source_supposee",
    ),
    *(
        "theme_partie_hausse",
        "theme_partie_baisse",
        "plusieurs_questions",
        "conduite",
        "masquees_aide",
        "priorites_base",
        "export_note",
        "liste_coupee",
    ),
}
# texts that join others: blanks and signs stand at their ends; and a text of several paragraphs
JOINING = {
    "point_virgule",
    "sur",
    "dont_legers",
    "hors_dossier_remede",
    "export_note",
    "phrases.sans retrouver",
    "phrases.garde une avance",
    "phrases.par le taux",
}
# words that begin with a vowel, and are not elided before
UNELIDED = r"(?:onz|oui|ouist|yaourt|un sur)"
# an h is mute in these, and aspirated in the others
VOWEL = r"(?:[aeiouàâäéèêëîïôöùûüœæ]|h(?:abit|eur|omme|onor|ôp|ygi|ist|iver|umid|umain))"


def rendered(f: Formats, programme: Programme) -> Iterator[tuple[str, str]]:
    """Every text of the language, under its name, filled in each way that changes one place from the first way."""
    places = _labels(f, programme)
    for name, text in names(f.texts).items():
        own = {place: places[place] for place in re.findall(r"{(\w+)}", text)}
        if "premiere" in own and name.startswith("phrases."):
            own["premiere"] = places["vague"]
        if "n" in own:
            own["n"] = places["moins"] if name == "phrases.point" else own["n"] if name in MANY else ["1", *own["n"]]
        first = {place: values[0] for place, values in own.items()}
        ways = [first] + [{**first, place: value} for place, values in own.items() for value in values[1:]]
        yield from ((name, f.typography(text.format(**way))) for way in ways)


def _labels(f: Formats, programme: Programme) -> Mapping[str, list[str]]:
    """What may stand in each place, by its name; a place that is not here has no text of its own."""

    def column(table: str, name: str) -> list[str]:
        return sorted({str(row[name]) for row in programme.rows(table) if row[name]}) or ["X"]

    questions, options = column("questions", "libelle"), column("modalites", "libelle")
    # those that are printed as the waves
    organismes, waves = column("organismes", "nom"), principal_waves(programme)
    counts, share = ["2", f.integer(1000)], f.percent(0.84)
    levels = [f.decimal(7.4), share]
    reasons = [word_of(text).format(n=30, detail="X", motif="X", segment="X") for text in f.texts["motifs"].values()]
    verdicts = [word_of(f.texts["verdicts"][code]) for code in VERDICT_FAMILIES]
    modes = list(f.texts["modes"].values())
    few: dict[str, list[str]] = {
        "libelle": questions, "question": questions, "theme": column("themes", "libelle"), "axe": column("axes", "libelle"),
        "segment": column("segments", "libelle"), "adresse": ["https://exemple.fr"], "nom": organismes + column("segments", "libelle"), "organisme": organismes,
        "organismes": [", ".join(organismes[:2])], "institut": column("instituts", "nom"), "texte": column("questions", "formulation"),
        "source": column("references_nationales", "libelle_source"), "premiere": options, "seconde": options,
        "notes": options, "echelle": [", ".join(options)], "raison": reasons, "motif": reasons, "detail": column("organismes", "nom"),
        "verdict": verdicts, "mode": modes, "vague": waves, "avant": waves, "programme": [programme.config.nom],
        "editeur": [programme.config.editeur or "X"], "niveau": levels, "niveau_avant": levels, "note": levels, "n": counts,
        "moins": [f.decimal(0.1), f.decimal(1.9)], "ampleur": [f.texts["phrases"]["points"].format(n="2")], "total": counts, "dessus": ["0", "1", *counts], "dessous": ["0", "1", *counts], "attendus": ["1", *counts], "base": counts,
        "lignes": ["1", *counts], "suite": [text.format(**dict.fromkeys(re.findall(r"{(\w+)}", text), "7")) for text in _ends(f)],
        "sur": ["", f.out_of(10.0)], "max": ["10"], "maximum": ["10"], "taux": [share], "part": [share], "part_seconde": [share], "bas": levels,
        "haut": levels, "ecart": [f.decimal(0.1, 2, signed=True)], "valeur": levels, "valeurs": ["A, B"], "mesure": ["A"],
        "attendu": ["B"], "periode": [f.period(None, None) or "A"], "date": ["2 mai"], "debut": ["2 mai"], "fin": ["3 mai"], "annee": ["2024"],
        "edition": ["2022-1.0"], "editions": ["2022-1.0, 2021-1.0"], "etats": ["A, B"], "revision": ["abc"], "etat": ["A."], "fichiers": ["a.csv"], "page": [""], "dossier": ["/a"],
        "bases": ["base_brute"], "manifeste": ["manifeste.json"], "livrets": ["/x/b"], "publie": ["/x"], "chemins": ["/a, /b"], "statut": ["statut"], "processus": ["12"], "vu": ["A."], "lieu": [f.plain("region"), *organismes], "preuve": ["registre"],
        "rapport": ["/x/c"], "rapports": ["/x"], "registre": ["/a.csv"], "options": [", ".join(options[:2])],
        "m": ["0", "1", *counts], "type": column("axes", "libelle"), "choix": ["A, B"],
        "plan": [f.plain(name) for name in ("plan_pondere", "plan_sans_poids", "plan_sans_poids_ni_taux")],
        "titre": [f.plain("forces"), f.plain("baisses")], "montrees": ["3"],
        "fichier": ["a.csv"], "faute": ["A."], "contrat": ["huygens-2022"], "version": ["1"], "ligne": ["7"], "feuille": ["A"],
        "regles": [word_of(text) for text in f.texts["regles"].values()],
        "depot": ["nuage"], "arrives": ["0", *counts], "envoi": ["0", *counts], "connus": ["0", *counts],
        "dispositif": ["Appels"], "types": ["label, charte"], "avec": [f.plain("demarche")], "sans": [f.plain("demarche")], "livraisons": counts, "entretiens": counts, "rejetees": ["0", *counts],
        "besoin": counts, "libre": counts, "conservees": counts, "jours": counts, "purger": ["0", *counts], "taille": counts,
        "chemin": ["/a/b"], "element": ["published/editions/2022-1.0"], "ancienne": ["2021-1.0"], "commande": ["observatoire restore"], "lien": ["/a/b"], "horloge": ["3 mai"], "constat": ["A."], "compte": ["moi"], "proprietaire": ["service"], "sauvegarde": ["2 mai"], "sceau": ["/a/.b"], "dossiers": ["/a, /b"], "cible": ["a/b"], "variables": ["A, B"], "empreinte": ["ab12"], "ou": ["PostgreSQL"],
        "remede": [said for text in f.texts["regles"].values() if (said := explanation_of(text))],
    }  # fmt: skip
    return few


def _ends(f: Formats) -> list[str]:
    """The texts that end the sentence of an indicator."""
    joined = {"note", "taux", "point", "points", "par le taux"}
    phrases = {name: str(text) for name, text in f.texts["phrases"].items() if name not in joined}
    return [text for text in phrases.values() if not text.startswith(",") and "{suite}" not in text]


def sentences(f: Formats, programme: Programme) -> Iterator[tuple[str, str, str]]:
    """Every sentence on a figure as the warehouse joins it: what it says of the change, its subject, and the rest.

    The rest is the change, the first wave, then the reference; the full stop is left out.
    """
    phrases = {name: str(text) for name, text in f.texts["phrases"].items()}
    level = phrases["note"].format(n=f.decimal(7.4), max="10")
    places = {name: values[-1] for name, values in _labels(f, programme).items()}
    places |= {
        "premiere": "2016",
        "niveau": level,
        "niveau_avant": f.decimal(7.3),
        "ampleur": phrases["points"].format(n=f.decimal(2.1)),
    }
    since = [text for text in phrases.values() if "{premiere}" in text]
    beside = [text for text in phrases.values() if text.startswith(",") and text not in since]
    subjects = [text.removesuffix("{suite}.") for text in phrases.values() if "{suite}" in text]
    changes = [(kind, text) for kind, text in phrases.items() if "{niveau}" in text]
    beside += [text + phrases["par le taux"] for text in beside]
    for (kind, end), first, place, subject in product(changes, ("", *since), ("", *beside), subjects):
        yield kind, subject.format(**places), (end + first + place).format(**places)


def faults(language: str, name: str, text: str, counted: frozenset[str]) -> Iterator[str]:
    """What is wrong with a printed text: nothing, as far as rules can tell.

    Args:
        language: its code.
        name: the text's, which says whether it stands alone.
        text: as it is printed.
        counted: plurals that the texts of this language use.
    """
    if odd := re.search(r"[{}]|\bNone\b", text):
        yield f"a place is not filled: {odd[0]}"
    if name not in JOINING and (text != text.strip() or re.search(r"  |[ \u00a0\u202f][ \u00a0\u202f]", text)):
        yield "blanks at an end, or two in a row"
    if re.search(rf"[ {NARROW}\u00a0][,.](?!\w)|[,;][^\s\d{NARROW}»”)]", text):
        yield "a blank before a comma or a stop, or none after"
    for opening, closing in ("()", "«»", "“”"):
        if text.count(opening) != text.count(closing):
            yield f"{opening} without {closing}"
    if twice := re.search(r"\b([^\W\d_]{2,}) \1\b", text):
        yield f"a word twice: {twice[0]}"
    yield from RULES[language](text)
    yield from _numbers(language, text, counted)
    whole = re.sub(r"\bSt\.|\bn\. p\.", "X", text)
    if name not in JOINING and re.search(r"[.!?] \S", whole) and not re.search(r"[.!?:»”]$|\.\)$", whole):
        yield "several sentences, and no stop at the end"
    if after := re.search(r"(?<!…)[.!?] [a-zéèàê]|^[a-zéèàê][^.]*\. [A-Z]", whole):
        yield f"a sentence without a capital: {after[0]}"


def french(text: str) -> Iterator[str]:
    """What French asks of elisions, contractions and spaces."""
    little = r"(?:de|le|la|que|ne|se|je|me|te|ce|jusque|lorsque|puisque|quoique)"
    if elided := re.search(rf"\b{little} (?!{UNELIDED}){VOWEL}\w*", text, re.I):
        yield f"an elision: {elided[0]}"
    if contracted := re.search(r"\b(?:de les?|à les?|si ils?)\b(?! \w+(?:er|ir|re)\b)", text, re.I):
        yield f"a contraction: {contracted[0]}"
    if bare := re.search(rf"[^{NARROW}\s][!?;](?=\s|$)|[^{NARROW}\d/][:%](?=\s|$)|«(?!{NARROW})|(?<!{NARROW})»", text):
        yield f"a narrow blank: {bare[0]}"
    if "'" in text:
        yield "a straight apostrophe"


def english(text: str) -> Iterator[str]:
    """What English asks of articles and spaces."""
    if article := re.search(r"\ba (?!one|uni|use|eu)[aeiou]\w*|\ban (?!hour|honest|NPS|\d)[^aeiou\W]\w*", text, re.I):
        yield f"an article: {article[0]}"
    if spaced := re.search(r"[ \u00a0\u202f][:;?!%](?=\s|$)|[«»]", text):
        yield f"a blank before a sign, or a French quotation mark: {spaced[0]}"


# each language has its own rules
RULES = {"fr": french, "en": english}


def _numbers(language: str, text: str, counted: frozenset[str]) -> Iterator[str]:
    """A noun that follows a number agrees with it: what is said of one is singular, and of nought in French."""
    for number, word in re.findall(rf"(?<![\d,.{NARROW}/-])(\d+(?:[{NARROW},.]\d+)*) ([^\W\d_]+)", text):
        value = float(re.sub(rf"[{NARROW},](?=\d{{3}})", "", number).replace(",", "."))
        one = value < 2 if language == "fr" else value == 1
        if one and word in counted:
            yield f"one of several: {number} {word}"
        if not one and f"{word}s" in counted and word not in counted:
            yield f"several of one: {number} {word}"


def plurals(f: Formats) -> frozenset[str]:
    """The plurals that the texts of a language use, as far as they end with an s: the words that follow a number there."""
    texts = " ".join(names(f.texts).values())
    following = set(re.findall(r"{(?:n|total|base|attendus|lignes)} ([^\W\d_]{3,}s)\b", texts))
    return frozenset(following)
