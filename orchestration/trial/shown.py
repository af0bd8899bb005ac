"""A trial on the screen and as a page: both shorten the lists of `told.as_json`, which has them whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.extracts.catalogue import WARNING
from orchestration.extracts.personal_data import MASK
from orchestration.extracts.records import ACCEPTED, REFUSED
from orchestration.files import write_text
from orchestration.programme import Programme
from orchestration.programme.vocabulary import words_of
from orchestration.reporting.formats import Formats
from orchestration.reporting.pages import environment, styles
from orchestration.trial.told import BROKEN, HELD, PARTLY
from orchestration.words import Words

_COLOURS = {HELD: "green", PARTLY: "yellow", BROKEN: "red"}
# how much of a list is shown: rows of a table, values of a line, examples of a rule
MOST, VALUES, EXAMPLES = 20, 8, 3

# characters of a heading
_HEADING = 40

Told = Mapping[str, Any]


def verdict(told: Told, words: Words) -> tuple[str, str]:
    """Returns the colour and the word of what becomes of the delivery."""
    if told["statut"] == REFUSED:
        return "red", words.said["refusee"]
    if not told["acceptee"]:
        return "red", words.said["essai_en_partie"]
    return ("green", words.said["acceptee"]) if told["statut"] == ACCEPTED else ("yellow", words.said["avec_reserve"])


def print_trial(out: Console, told: Told, programme: Programme) -> None:
    """Prints a trial: verdict, gates, missing headings, organismes, rejected lines by rule, values without a code."""
    words = words_of(programme.config)
    colour, state = verdict(told, words)
    file = f"[bold]{escape(told['fichier'])}[/]"
    out.print(words.say("essai_de", fichier=file, etat=f"[bold {colour}]{escape(state)}[/]"), soft_wrap=True)
    out.print(escape(headline(told, words)), soft_wrap=True)
    for remark in told["remarques"]:
        out.print(f"[yellow]{escape(remark)}[/]")
    gates = _table(words.said["essai_porte"], words.said["essai_etat"])
    for gate in told["portes"]:
        tint = _COLOURS.get(gate["etat"], "dim")
        gates.add_row(escape(words.texts["portes"][gate["porte"]]), f"[{tint}]{escape(gate_said(gate, words))}[/]")
    _section(out, gates)
    if known := to_know(told, words):
        _section(out, f"[bold]{escape(words.said['essai_a_savoir'])}[/]")
    for line in known:
        out.print(f"- {escape(line)}")
    _print_headings(out, told, words)
    _print_organismes(out, told, words)
    _print_rejects(out, told, words)
    for line in values_said(told, words):
        out.print(f"- {escape(line)}")
    out.print(f"\n[dim]{escape(words.said['essai_rien_ecrit'])}[/]")


def headline(told: Told, words: Words) -> str:
    """Returns which contract the delivery was tried with, and for which wave."""
    if told["contrat"] is None:
        return words.say("essai_sans_contrat", vague=told["vague"])
    return words.say("essai_contrat", contrat=told["contrat"], version=told["version_contrat"], vague=told["vague"])


def gate_said(gate: Told, words: Words) -> str:
    """Returns what a gate says in a few words: that it holds, or the rules that do not."""
    if gate["etat"] == HELD:
        return words.say("essai_tenue", n=gate["regles_examinees"])
    if gate["etat"] in (PARTLY, BROKEN):
        broken = dict.fromkeys(rule["libelle"] for rule in gate["non_tenues"] if rule["gravite"] != WARNING)
        listed = " ; ".join(shortened(list(broken), VALUES, words))
        if gate["etat"] == PARTLY:
            return words.say("essai_tenue_en_partie", regles=listed)
        return words.say("essai_non_tenue", regles=listed)
    return words.said["essai_non_examinee"]


def to_know(told: Told, words: Words) -> list[str]:
    """Returns what the gates found beside rejected lines: a sentence per rule, with its first place."""
    found = [told["motif"]] if told["statut"] == REFUSED else []
    by_rule: dict[str, list[Told]] = {}
    for rule in (rule for gate in told["portes"] for rule in gate["non_tenues"] if rule["gravite"] != "rejet"):
        if rule["exemple"] and rule["exemple"] not in told["motif"]:
            by_rule.setdefault(rule["libelle"], []).append(rule)
    for label, cases in by_rule.items():
        places = [f"{case['organisme']}, {case['exemple']}" if case["organisme"] else case["exemple"] for case in cases]
        found.append(f"{label} ({' ; '.join(shortened(places, 1, words))})")
    return shortened(found, MOST, words)


def shortened(listed: Sequence[str], most: int, words: Words) -> list[str]:
    """Returns the first items of a list, and how many others there are as one item more."""
    if len(listed) <= most + 1:
        return list(listed)
    return [*listed[:most], words.say("et_n_autres", n=len(listed) - most)]


def cut(heading: str) -> str:
    """Returns a heading no longer than a line allows: a question of several columns has all their names."""
    return heading if len(heading) <= _HEADING else f"{heading[:_HEADING]}…"


def examples_said(rejected: Told, words: Words) -> list[str]:
    """Returns where the first lines of a rule stand, each with its value where it may be shown."""
    said = []
    for case in rejected["exemples"][:EXAMPLES]:
        where = (
            words.say("essai_ligne_feuille", feuille=case["feuille"], ligne=case["ligne"])
            if case["feuille"]
            else words.say("essai_ligne", ligne=case["ligne"])
        )
        shown = case["valeur"] if case["valeur"] != MASK else None
        said.append(words.say("deux_points", nom=where, valeur=shown) if shown else where)
    return said


def values_said(told: Told, words: Words) -> Iterator[str]:
    """Yields, column by column, the values that the contract does not code."""
    columns = told["valeurs_sans_code"]
    for column in columns[:MOST]:
        values = [words.say("essai_fois", valeur=v["valeur"], n=v["lignes"]) for v in column["valeurs"]]
        said = shortened(values, VALUES, words)
        if column["textes_rares"]:
            said.append(words.say("essai_textes_rares", n=column["textes_rares"]))
        if said:
            yield words.say("deux_points", nom=cut(column["colonne"] or told["fichier"]), valeur=", ".join(said))
    if len(columns) > MOST:
        yield words.say("et_n_autres", n=len(columns) - MOST)


def organismes_shown(told: Told) -> list[Told]:
    """Returns the organismes in the order they are shown: those that are not plainly accepted first."""
    return sorted(told["organismes"], key=lambda part: (part["statut"] == ACCEPTED, part["laisse_de_cote"]))


def state_of(part: Told, words: Words) -> tuple[str, str]:
    """Returns the colour and the word of what becomes of one organisme."""
    if part["laisse_de_cote"]:
        return "dim", words.said["essai_laisse"]
    if part["statut"] == REFUSED:
        return "red", words.said["refusee"]
    return ("green", words.said["acceptee"]) if part["statut"] == ACCEPTED else ("yellow", words.said["avec_reserve"])


def write_page(told: Told, programme: Programme, page: Path) -> None:
    """Writes a trial as a page that opens from disk.

    Args:
        told: what `told.as_json` says.
        programme: whose words and style are used.
        page: the file to write.
    """
    config = programme.config
    words, f = words_of(config), Formats.of_programme(config)
    context = {
        "essai": told,
        "verdict": verdict(told, words),
        "entete": headline(told, words),
        "portes": [(words.texts["portes"][g["porte"]], g["etat"], gate_said(g, words)) for g in told["portes"]],
        "a_savoir": to_know(told, words),
        "organismes": [(part, *state_of(part, words)) for part in organismes_shown(told)],
        "rejets": [(rejected, examples_said(rejected, words)) for rejected in told["rejets"]],
        "valeurs": list(values_said(told, words)),
        "nom": config.nom or "",
        "demonstration": config.demonstration,
        "styles": Markup(styles()),
        "plus": MOST,
    }
    write_text(environment(f).get_template("essai.html.j2").render(context), page)


def say_page(out: Console, programme: Programme, page: Path) -> None:
    """Says where the page was written."""
    out.print(escape(words_of(programme.config).say("essai_page_ecrite", fichier=page)), soft_wrap=True)


def _table(*titles: str, numbers: Sequence[str] = ()) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title in titles:
        if title in numbers:
            table.add_column(title, justify="right", no_wrap=True)
        else:
            table.add_column(title, overflow="fold")
    return table


def _section(out: Console, content: Table | str) -> None:
    out.print()
    out.print(content)


def _print_headings(out: Console, told: Told, words: Words) -> None:
    if missing := told["colonnes_absentes"]:
        _section(out, f"[bold]{escape(words.say('essai_colonnes_absentes', n=len(missing)))}[/]")
        table = _table(words.said["colonne"], words.said["essai_sert_a"], words.said["essai_proches"])
        # All of them: whoever corrects the file wants the whole list, once.
        for heading in missing:
            table.add_row(*map(escape, (heading["colonne"], heading["sert_a"], ", ".join(heading["proches"]))))
        out.print(table)
    for listed, title in (
        (told["colonnes_inconnues"], words.say("essai_colonnes_inconnues", n=len(told["colonnes_inconnues"]))),
        (told["fautes_du_contrat"], words.say("essai_fautes", n=len(told["fautes_du_contrat"]))),
    ):
        if listed:
            _section(out, f"[bold]{escape(title)}[/]")
            for line in shortened(listed, MOST, words):
                out.print(f"- {escape(line)}")


def _print_organismes(out: Console, told: Told, words: Words) -> None:
    parts = organismes_shown(told)
    if not parts:
        return
    _section(out, f"[bold]{escape(words.say('essai_organismes', n=len(parts)))}[/]")
    numbers = [words.said[name] for name in ("lues", "acceptees", "rejetees")]
    table = _table(words.said["organisme"], *numbers, words.said["statut"], numbers=numbers)
    for part in parts[:MOST]:
        tint, state = state_of(part, words)
        counts = (part["lues"], part["acceptees"], part["rejetees"])
        name = part["organisme"] or words.said["essai_inconnu"]
        table.add_row(escape(name), *map(words.number, counts), f"[{tint}]{escape(state)}[/]")
    out.print(table)
    if len(parts) > MOST:
        out.print(escape(words.say("et_n_autres", n=len(parts) - MOST)))
    if told["statut"] != REFUSED:
        for part in parts[:MOST]:
            if part["motif"] and not part["laisse_de_cote"]:
                who = part["organisme"] or words.said["essai_inconnu"]
                out.print(f"- {escape(words.say('deux_points', nom=who, valeur=part['motif']))}")


def _print_rejects(out: Console, told: Told, words: Words) -> None:
    rejects = told["rejets"]
    if not rejects:
        return
    _section(out, f"[bold]{escape(words.said['essai_rejets'])}[/]")
    titles = (words.said["essai_regle_colonne"], words.said["essai_lignes"], words.said["essai_exemples"])
    table = _table(*titles, numbers=titles[1:2])
    for rejected in rejects[:MOST]:
        column = f", {cut(rejected['colonne'])}" if rejected["colonne"] else ""
        examples = " ; ".join(examples_said(rejected, words))
        table.add_row(escape(f"{rejected['libelle']}{column}"), words.number(rejected["lignes"]), escape(examples))
    out.print(table)
    if len(rejects) > MOST:
        out.print(escape(words.say("et_n_autres", n=len(rejects) - MOST)))
    for remedy in dict.fromkeys(r["remede"] for r in rejects[:MOST] if r["remede"]):
        out.print(f"- {escape(words.say('essai_remede', remede=remedy))}")
    if told["valeurs_sans_code"]:
        _section(out, f"[bold]{escape(words.said['essai_sans_code'])}[/]")
