"""The sentences that reports print, as a reader of each language knows them by heart: none of the writers' words are used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

WAVE, FIRST = r"(?P<wave>\d{4}(?:-\d\d)?)", r"(?P<first>\d{4}(?:-\d\d)?)"
FRENCH_FIGURE, ENGLISH_FIGURE = r"\d+(?:,\d)?\u00a0%|\d+,\d\d?", r"\d+(?:\.\d)?%|\d+\.\d\d?"
# the kind of a sentence, what stands in its places, and what it says of the reference
Read = tuple[str, dict[str, Any], str]


@dataclass(frozen=True)
class Grammar:
    """The sentences of a language.

    Attributes:
        decimal: the sign before decimals.
        percent: what ends a share.
        name: what surrounds the question's name.
        subjects: what a sentence under that name begins with, by what it speaks of.
        forms: by kind, what follows the name, in each of its wordings.
        places: what is said of the reference: whether the gap is a large one, and its sign.
        since: what is said of the first wave, by where the figure is: below after a rise, above after a fall, above, below.
        by_rate: what follows of a note that the reference compares by the rate only.
        still_below: what is said of a rise in a list, before the first wave.
        words: the word of each verdict.
    """

    decimal: str
    percent: str
    name: tuple[str, str]
    subjects: dict[str, str]
    forms: dict[str, tuple[re.Pattern[str], ...]]
    places: dict[str, tuple[bool, int]]
    since: dict[str, re.Pattern[str]]
    by_rate: str
    still_below: str
    words: dict[str, str]

    def number(self, printed: str) -> tuple[float, int, bool]:
        """A figure as a number, how many decimals it has, and whether it is a share."""
        bare = printed.removesuffix(self.percent)
        return (
            float(bare.replace(self.decimal, ".")),
            len(bare.partition(self.decimal)[2]),
            printed.endswith(self.percent),
        )

    def read(self, rest: str) -> Read:
        """Reads a sentence without its subject nor its full stop.

        Raises:
            AssertionError: no reader knows such a sentence.
        """
        for kind, form in ((kind, form) for kind, forms in self.forms.items() for form in forms):
            found = form.match(rest)
            if not found:
                continue
            told, place = found.groupdict(), rest[found.end() :]
            for since, said in self.since.items():
                if returned := said.match(place):
                    told, place = told | returned.groupdict() | {"since": since}, place[returned.end() :]
                    break
            told["by_rate"] = place.endswith(self.by_rate)
            place = place.removesuffix(self.by_rate)
            if place in self.places or (place == "" and not told["by_rate"]):
                return kind, told, place
        raise AssertionError(f"a sentence that the reader does not know: {rest}")


def _french() -> Grammar:
    level = rf"(?P<level>{FRENCH_FIGURE})(?: sur (?P<scale>\d+))?"
    move = rf"(?P<slight> légèrement,)? de (?P<size>\d+,\d{{1,2}}) points?,? par rapport à {WAVE}"
    told, old = rf" \((?P<before>{FRENCH_FIGURE}) en {WAVE}\)", rf" \((?P<before>{FRENCH_FIGURE})\)"
    then, size = rf"(?P<before>{FRENCH_FIGURE})", r"(?P<size>\d+,\d{1,2}) points?"
    forms = {
        "rise": (
            rf"progresse{move}(?: et atteint|{old} et s'établit à) {level}",
            rf"gagne {size} par rapport à {WAVE} et atteint {level}",
            rf"atteint {level}, en hausse de {size} par rapport à {WAVE}",
            rf"est en(?P<slight> légère) hausse, de {size}, par rapport à {WAVE}{old} et s'établit à {level}",
        ),
        "fall": (
            rf"recule{move}(?: et descend à|{old} et s'établit à) {level}",
            rf"perd {size} par rapport à {WAVE} et descend à {level}",
            rf"descend à {level}, en baisse de {size} par rapport à {WAVE}",
            rf"est en(?P<slight> légère) baisse, de {size}, par rapport à {WAVE}{old} et s'établit à {level}",
        ),
        "up": (rf"augmente de {size}, de {then} en {WAVE} à {level}",),
        "down": (rf"diminue de {size}, de {then} en {WAVE} à {level}",),
        "stable": (rf"reste stable, à {level}{told}", rf"se maintient à {level}{told}"),
        "unsettled": (rf"(?:s'établit|est) à {level}{told}, sans évolution établie",),
        "new": (rf"entre dans l'enquête à {level}",),
        "incomparable": (rf"s'établit à {level}, sans comparaison possible avec {WAVE}",),
        "level": (rf"s'établit à {level}",),
    }
    return Grammar(
        ",",
        "\u00a0%",
        ("«\u00a0", "\u00a0» "),
        {"note": "La note ", "rate": "Le taux ", "share": "La part ", "question": "La question "},
        {kind: tuple(map(re.compile, wordings)) for kind, wordings in forms.items()},
        {
            ", au-dessus du niveau national": (True, 1),
            ", légèrement au-dessus du niveau national": (False, 1),
            ", en deçà du niveau national": (True, -1),
            ", légèrement en deçà du niveau national": (False, -1),
            ", au même niveau que la référence nationale": (False, 0),
        },
        {
            "unregained": re.compile(rf", sans retrouver son niveau de {FIRST}"),
            "kept": re.compile(rf", tout en restant au-dessus de son niveau de {FIRST}"),
            "above": re.compile(rf", plus haut qu'en {FIRST}"),
            "below": re.compile(rf", plus bas qu'en {FIRST}"),
        },
        " par son taux de satisfaits",
        "encore sous",
        {
            "hausse": "en hausse",
            "hausse légère": "en légère hausse",
            "stable": "stable",
            "non significatif": "sans écart établi",
            "baisse légère": "en légère baisse",
            "baisse": "en baisse",
            "nouveau": "question nouvelle",
            "non comparable": "non comparable",
        },
    )


def _english() -> Grammar:
    level = rf"(?P<level>{ENGLISH_FIGURE})(?: out of (?P<scale>\d+))?"
    size = r"(?P<size>\d+\.\d{1,2}) points"
    told, old, then = (
        rf" \((?P<before>{ENGLISH_FIGURE}) in {WAVE}\)",
        rf" \((?P<before>{ENGLISH_FIGURE})\)",
        rf"(?P<before>{ENGLISH_FIGURE})",
    )

    def moved(verb: str, end: str) -> str:
        return rf"{verb}(?P<slight> slightly,)? by {size},? on {WAVE}(?:{old} and stands at (?=\d)|{end} (?=\d)){level}"

    forms = {
        "rise": (
            moved("rises", " to reach"),
            rf"gains {size} on {WAVE} to reach {level}",
            rf"reaches {level}, up by {size} on {WAVE}",
            rf"edges(?P<slight> up), by {size}, on {WAVE}{old} and stands at {level}",
        ),
        "fall": (
            moved("falls", " to"),
            rf"loses {size} on {WAVE} and stands at {level}",
            rf"drops to {level}, down by {size} on {WAVE}",
            rf"edges(?P<slight> down), by {size}, on {WAVE}{old} and stands at {level}",
        ),
        "up": (rf"goes up by {size}, from {then} in {WAVE} to {level}",),
        "down": (rf"goes down by {size}, from {then} in {WAVE} to {level}",),
        "stable": (rf"is stable at {level}{told}", rf"holds steady at {level}{told}"),
        "unsettled": (rf"(?:stands|is) at {level}{told}, with no clear difference",),
        "new": (rf"is asked for the first time and stands at {level}",),
        "incomparable": (rf"stands at {level}, not comparable with {WAVE}",),
        "level": (rf"stands at {level}",),
    }
    return Grammar(
        ".",
        "%",
        ("“", "” "),
        {"note": "The score ", "rate": "The rate ", "share": "The share ", "question": "The question "},
        {kind: tuple(map(re.compile, wordings)) for kind, wordings in forms.items()},
        {
            ", above the national level": (True, 1),
            ", slightly above the national level": (False, 1),
            ", below the national level": (True, -1),
            ", slightly below the national level": (False, -1),
            ", level with the national benchmark": (False, 0),
        },
        {
            "unregained": re.compile(rf", without regaining its level of {FIRST}"),
            "kept": re.compile(rf", while remaining above its level of {FIRST}"),
            "above": re.compile(rf", higher than in {FIRST}"),
            "below": re.compile(rf", lower than in {FIRST}"),
        },
        " by its share of satisfied answers",
        "still below",
        {
            "hausse": "up",
            "hausse légère": "slightly up",
            "stable": "stable",
            "non significatif": "no clear difference",
            "baisse légère": "slightly down",
            "baisse": "down",
            "nouveau": "new question",
            "non comparable": "not comparable",
        },
    )


GRAMMARS = {"fr": _french(), "en": _english()}
ARROWS = {"hausse": "↗", "hausse légère": "↗", "stable": "=", "non significatif": "≈", "baisse légère": "↘", "baisse": "↘", "nouveau": "✦", "non comparable": "≠"}  # fmt: skip
# what is said of a theme, by what its changes are
THEMES = {
    "fr": {
        "up": "Tous les indicateurs de satisfaction comparés de ce thème progressent depuis {wave}.",
        "down": "Tous les indicateurs de satisfaction comparés de ce thème reculent depuis {wave}.",
        "stable": "Tous les indicateurs de satisfaction comparés de ce thème sont stables depuis {wave}.",
        "both": "La satisfaction progresse sur une partie des indicateurs de ce thème depuis {wave}, et recule sur une autre.",
        "neither": "Ni progrès ni recul de la satisfaction n'est établi dans ce thème depuis {wave}.",
        "one up": "Des {of} indicateurs de satisfaction comparés de ce thème, un seul progresse depuis {wave}\u00a0; aucun recul n'est établi.",
        "one down": "Des {of} indicateurs de satisfaction comparés de ce thème, un seul recule depuis {wave}\u00a0; aucun progrès n'est établi.",
        "some up": "Des {of} indicateurs de satisfaction comparés de ce thème, {n} progressent depuis {wave}\u00a0; aucun recul n'est établi.",
        "some down": "Des {of} indicateurs de satisfaction comparés de ce thème, {n} reculent depuis {wave}\u00a0; aucun progrès n'est établi.",
    },
    "en": {
        "up": "Every satisfaction question compared in this theme is up on {wave}.",
        "down": "Every satisfaction question compared in this theme is down on {wave}.",
        "stable": "Every satisfaction question compared in this theme is stable since {wave}.",
        "both": "Satisfaction is up on some questions of this theme since {wave}, and down on others.",
        "neither": "Neither a rise nor a fall of satisfaction is established in this theme since {wave}.",
        "one up": "Of the {of} satisfaction questions compared in this theme, one is up on {wave}; no fall is established.",
        "one down": "Of the {of} satisfaction questions compared in this theme, one is down on {wave}; no rise is established.",
        "some up": "Of the {of} satisfaction questions compared in this theme, {n} are up on {wave}; no fall is established.",
        "some down": "Of the {of} satisfaction questions compared in this theme, {n} are down on {wave}; no rise is established.",
    },
}
# what is said of agencies that changed: of all questions that are compared, or of some
AGENCIES = {
    "fr": (
        "Entre {before} et {wave}, des instituts d'enquête ont changé\u00a0: une part des écarts peut en venir.",
        "Pour {n} des {total} indicateurs comparés, des instituts d'enquête ont changé entre {before} et {wave}\u00a0: une part des écarts peut en venir.",
    ),
    "en": (
        "Between {before} and {wave} some survey agencies changed: part of the differences may come from that.",
        "For {n} of the {total} questions compared, some survey agencies changed between {before} and {wave}: part of the differences may come from that.",
    ),
}
# what is said of the answers that lead: one, or two
LEADING = {
    "fr": (
        "La réponse la plus fréquente est «\u00a0{0[0]}\u00a0» ({0[1]}).",
        "Les deux réponses les plus fréquentes sont «\u00a0{0[0]}\u00a0» ({0[1]}) et «\u00a0{1[0]}\u00a0» ({1[1]}).",
    ),
    "en": (
        "The most frequent answer is “{0[0]}” ({0[1]}).",
        "The two most frequent answers are “{0[0]}” ({0[1]}) and “{1[0]}” ({1[1]}).",
    ),
}
# of the quality report, by chapter: what each figure is called, in French and in English
QUALITY = {
    "exactitude": {
        "note": ("Note : demi-intervalle de confiance", "Score: half the confidence interval"),
        "taux": ("Taux : demi-intervalle de confiance", "Rate: half the confidence interval"),
        "base_brute": ("Réponses exprimées", "Answers given"),
        "base_efficace": ("Base efficace", "Effective base"),
        "ddl": ("Degrés de liberté", "Degrees of freedom"),
        "effet": ("Effet de plan", "Design effect"),
        "region": ("Région, ensemble des locataires", "All landlords, all tenants"),
        "profils": ("Région, selon le profil", "All landlords, by profile"),
        "autres": ("Autres périmètres", "Other groups"),
        "attendus": ("Organismes attendus", "Landlords expected"),
        "consolides": ("Organismes consolidés", "Landlords included"),
        "refuses": ("Livraisons refusées", "Submissions refused"),
        "absents": ("Livraisons non reçues", "Submissions not received"),
        "part": ("Part du parc attendu qui est consolidée", "Share of the expected stock that is included"),
        "vises": ("Entretiens visés par le plan de sondage", "Interviews aimed at by the sample design"),
        "realises": ("Entretiens consolidés", "Interviews included"),
        "appeles": (
            "Personnes appelées ou sollicitées par écrit, chez les instituts qui le disent",
            "People called, or written to, by the agencies that say it",
        ),
        "entretiens": ("Entretiens consolidés de ces instituts", "Interviews of these agencies that are included"),
        "reponse": ("Taux de réponse : entretiens par personne appelée", "Response rate: interviews per person called"),
        "joints": ("Part des personnes appelées qui ont été jointes", "Share of people called who were reached"),
        "refus": ("Part des personnes jointes qui ont refusé", "Share of people reached who refused"),
        "lignes": ("Lignes rejetées des livraisons consolidées", "Rejected rows of the submissions included"),
        "vides": ("Livraisons qui laissent une strate sans entretien", "Submissions that leave a stratum without an interview"),
        "exclues": ("Questions exclues, organisme par organisme", "Questions excluded, landlord by landlord"),
        "moindre": (
            "Part des entretiens qui ont une réponse exprimée à une question posée à tous : celle qui en a le moins",
            "Share of interviews that give an answer to a question put to all: the question with the fewest",
        ),
        "mediane": ("La même part : question médiane", "The same share: median question"),
    },
    "actualite": {
        "delai": (
            "De la fin du terrain à la parution de l'édition, en jours",
            "From the end of fieldwork to the release of the edition, in days",
        ),
    },
    "coherence": {
        "comparees": ("Questions comparées", "Questions compared"),
        "nouvelles": ("Questions nouvelles qui ont une note ou un taux", "New questions that have a score or a rate"),
        "incomparables": ("Questions non comparables", "Questions that cannot be compared"),
        "muettes": (
            "Questions sans verdict : ni note ni taux, ou masquées",
            "Questions without a verdict: no score or rate, or masked",
        ),
        "longues": ("Questions dont la tendance est mesurée, sur trois vagues et plus", "Questions whose trend is measured, over three waves or more"),
        "instituts": ("Questions comparées d'un institut à un autre", "Questions compared from one agency to another"),
        "panel": ("Évolutions à panel constant chiffrées", "Changes on a constant panel that are given in figures"),
        "pro_forma": (
            "Évolutions au périmètre d'aujourd'hui chiffrées",
            "Changes on today's boundaries that are given in figures",
        ),
        "baremes": (
            "Verdicts d'évolution qui changent sous un autre barème (« selon le barème » s'ils sont établis)",
            'Verdicts on changes that differ under another scoring (“depends on scoring” where they are established)',
        ),
        "baremes_references": (
            "Verdicts face à la référence qu'un autre barème changerait (« selon le barème » s'ils sont établis)",
            'Verdicts against the benchmark that another scoring would change (“depends on scoring” where they are established)',
        ),
        "valeurs": ("Valeurs de références nationales", "Values of national benchmarks"),
        "comparables": ("Dont comparables", "Of which comparable"),
        "precises": ("Comparables dont la précision est publiée", "Comparable ones with a published precision"),
    },
    "charge": {"reponses": ("Réponses données par entretien, en moyenne", "Answers given per interview, on average")},
    "confidentialite": {
        "protection": (
            "Plus petite amplitude de ce que les chiffres publiés laissent situer d'un chiffre secret, en part de sa valeur",
            "Least width within which published figures may place a secret one, as a share of its value",
        ),
        "plancher": (
            "Réponses entre lesquelles un chiffre arrondi laisse hésiter",
            "Answers between which a rounded figure leaves a doubt",
        ),
        "organismes_plein_chiffre": (
            "Organismes à partir desquels la région, tous locataires, est publiée avec le plus de chiffres : notes au millième, parts au dix-millième",
            "Landlords from which figures of all of them, all tenants, are published with the most digits: scores to a thousandth, shares to a ten-thousandth",
        ),
    },
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]{3,}")


def words(catalogue: Any) -> set[str]:
    """The words of a catalogue, its `{places}` aside."""
    if isinstance(catalogue, dict):
        return set().union(*map(words, catalogue.values()))
    if isinstance(catalogue, list):
        return set().union(*map(words, catalogue))
    return {word.casefold() for word in WORD.findall(re.sub(r"{\w+}", "", str(catalogue)))}


def plain(text: str) -> str:
    """A text as the warehouse has it: ordinary apostrophes and spaces."""
    return re.sub(r"[\u00a0\u202f]", "\u00a0", text.replace("’", "'")).strip()
