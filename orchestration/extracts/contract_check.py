"""What a contract gets wrong: names that its programme does not have, patterns and dialects that nothing can read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

import polars as pl

from orchestration.extracts.contract import RESPONDENTS, Contract
from orchestration.extracts.contract_body import (
    AxisRule,
    CountsBody,
    DateRule,
    Exceptions,
    InterviewsBody,
    ScoresBody,
    StratumRule,
)
from orchestration.extracts.contract_columns import column_uses, count_uses, ignored_titles
from orchestration.extracts.contract_counts import CountedQuestion, CountsRules
from orchestration.extracts.contract_questions import Question, SingleQuestion, YesNoQuestion
from orchestration.extracts.contract_titles import axis_column, column_words, count_words
from orchestration.extracts.contract_words import axis_words, question_words
from orchestration.extracts.form import Heading
from orchestration.extracts.form_check import format_faults, pattern_faults
from orchestration.extracts.readers.lookup import parse_dates
from orchestration.extracts.readers.tables import as_cell
from orchestration.programme import Programme
from orchestration.programme.faults import Fault, open_points
from orchestration.programme.scores import score_bounds
from orchestration.programme.texts import normalise

_NO_PLAN = (
    "plan_sondage.csv n'a aucune strate en {wave} : toutes les lignes seraient rejetées (strate_inconnue) ; y écrire"
    " une ligne par organisme et strate, avec sa population."
)
# a moment that tells day, month and year apart
_MOMENT = dt.datetime(2022, 11, 23, 14, 30)


def contract_faults(contract: Contract, programme: Programme) -> Iterator[Fault]:
    """Yields what no model can say of a contract that keeps its model: the key at fault, and a French sentence."""
    body = contract.body
    if contract.wave not in programme.waves:
        yield "vague", f"« {contract.wave} » n'est pas dans vagues.csv."
        return
    if contract.institute not in set(programme.reference("instituts")["institut"]):
        yield "institut", f"« {contract.institute} » n'est pas dans instituts.csv."
    if contract.confirmed:
        yield from open_points(body.a_decider)
    yield from format_faults(body.format)
    yield from _organisme(contract, programme)
    if isinstance(body, ScoresBody):
        yield from _scores(body, programme)
        return
    yield from _stratum(contract, programme)
    if isinstance(body, CountsBody):
        yield from _counts(contract, programme)
        return
    yield from _date(body.date_entretien, contract.wave, programme)
    yield from _long_form(contract)
    yield from _joins(contract)
    if body.unite_primaire is not None and body.effet_plan != 1:
        yield "effet_plan", "les grappes sont déjà dites par unite_primaire, et compteraient deux fois ; l'ôter."
    yield from dict.fromkeys(_keys(body))
    unknown = list(_tables(body))
    yield from unknown
    if not unknown:
        yield from dict.fromkeys(_interviews(contract, programme))
        yield from dict.fromkeys((*column_uses(contract), *ignored_titles(contract, programme)))


def _organisme(contract: Contract, programme: Programme) -> Iterator[Fault]:
    rule, names = contract.body.organisme, programme.organisme_names
    codes = {str(r["organisme_code"]) for r in programme.rows("organismes")}
    if rule.nom_fichier is not None:
        yield from pattern_faults("organisme.nom_fichier", rule.nom_fichier, group="le nom de l'organisme")
    if rule.valeur is not None and normalise(rule.valeur) not in {*names, *rule.valeurs}:
        yield "organisme.valeur", f"« {rule.valeur} » n'est ni dans organismes.csv ni dans organismes_alias.csv."
    yield from _absent("organisme.valeurs", rule.valeurs.values(), codes, "organismes.csv")
    yield from _absent("particularites", contract.exceptions, codes, "organismes.csv")


def _absent(key: str, codes: Iterable[str], known: Iterable[str], where: str) -> Iterator[Fault]:
    for code in dict.fromkeys(codes):
        if code not in known:
            yield key, f"« {code} » n'est pas dans {where}."


def _scores(body: ScoresBody, programme: Programme) -> Iterator[Fault]:
    yield from _absent("scores", body.scores, score_bounds(programme), "scores.csv")
    for code, rule in body.scores.items():
        for heading in (rule.valeur, rule.base, rule.erreur):
            if heading is not None and not isinstance(heading, str):
                yield from pattern_faults(f"scores.{code}", heading.cherche)


def _stratum(contract: Contract, programme: Programme) -> Iterator[Fault]:
    body = contract.sample_rules
    rule = body.strate
    if rule.axes is not None:
        yield from _absent("strate.axes", rule.axes, programme.axes, "axes.csv")
        for axis in rule.axes:
            if isinstance(body, InterviewsBody) and axis in programme.axes and axis not in body.axes:
                yield "strate.axes", f"« {axis} » n'est pas sous axes : dire sa colonne."
    planned = programme.planned_strata(contract.wave)
    # counts may bring the population of strata that the plan has not
    if contract.of_counts or (isinstance(rule.codage, str) and rule.codage not in body.codages):
        return
    if not planned:
        # a draft waits for its plan, as for the rest
        if contract.confirmed:
            yield "strate", _NO_PLAN.format(wave=contract.wave)
        return
    codes = [*contract.codes(rule).values(), *([rule.valeur] if rule.valeur is not None else [])]
    yield from _absent("strate", codes, planned, f"plan_sondage.csv pour {contract.wave}")


def _date(rule: DateRule | None, wave: str, programme: Programme) -> Iterator[Fault]:
    if rule is None:
        return
    if rule.valeur is not None:
        if rule.colonne is not None or rule.format is not None:
            yield "date_entretien", "valeur donne la date de tous les entretiens ; ôter colonne et format, ou valeur."
        window = programme.waves[wave]
        if not window.start <= rule.valeur <= window.end:
            told = f"n'est pas dans le terrain de {wave} (du {window.start} au {window.end}) ; corriger la date."
            yield "date_entretien.valeur", f"« {rule.valeur} » {told}"
        return
    form = rule.format
    if form in (None, "excel", "excel1904"):
        return
    try:
        written = pl.select(pl.lit(_MOMENT).dt.to_string(form).alias("date"))
        read = written.select(parse_dates(pl.col("date"), form)).item()
    except pl.exceptions.ComputeError:
        read = None
    if read != _MOMENT.date():
        said = "ne dit pas jour, mois et année ; l'écrire avec %d, %m et %Y, comme « %d/%m/%Y »."
        yield "date_entretien.format", f"« {form} » {said}"


def _long_form(contract: Contract) -> Iterator[Fault]:
    rule = contract.long_form
    if rule is None:
        return
    if not contract.interview_columns:
        yield "forme_longue", "rien ne dit quelles lignes sont d'un même répondant ; dire « entretien »."
    if rule.question == rule.reponse or {rule.question, rule.reponse} & {*contract.all_known_columns}:
        told = "question et reponse sont deux colonnes à part, que rien d'autre ne nomme ; corriger."
        yield "forme_longue", told


def _joins(contract: Contract) -> Iterator[Fault]:
    rules, body = contract.joins, contract.body
    if rules and not contract.interview_columns:
        yield "jointures", "rien ne dit quel entretien une ligne complète ; dire « entretien »."
    for at, rule in enumerate(rules):
        key = f"jointures.{at}"
        if rule.fichier is not None and rule.feuille is not None:
            yield key, "fichier et feuille ne vont pas ensemble ; une feuille d'un autre fichier se dit sous format."
        if rule.keys and len(rule.keys) != len(contract.interview_columns):
            told = f"autant de colonnes qu'« entretien » sont attendues ({len(contract.interview_columns)})."
            yield f"{key}.cle", told
        if rule.format is not None:
            yield from ((f"{key}.{place}", said) for place, said in format_faults(rule.format))
        if rule.fichier is not None:
            stars = min(pattern.count("*") for pattern in body.fichiers)
            if rule.fichier in body.fichiers or re.search(r"[?\[]", rule.fichier) or rule.fichier.count("*") > stars:
                told = "ce nom ne se déduit pas de celui du fichier des entretiens ; n'y mettre que ses étoiles."
                yield f"{key}.fichier", f"« {rule.fichier} » : {told}"


def _parts(body: InterviewsBody) -> list[tuple[str, str, InterviewsBody | Exceptions]]:
    """Returns what holds for all, then what each organisme has of its own: code, place of its keys, keys."""
    exceptions = body.particularites.items()
    return [("", "", body), *((organisme, f"particularites.{organisme}.", own) for organisme, own in exceptions)]


def _keys(body: InterviewsBody) -> Iterator[Fault]:
    """Yields the delivered values that no cell can be: whole numbers are read without decimals, blanks as nothing."""
    tables: dict[str, Iterable[str]] = {f"codages.{name}": table for name, table in body.codages.items()}
    tables["organisme.valeurs"] = body.organisme.valeurs
    for _, place, part in _parts(body):
        rules: list[tuple[str, AxisRule | Question]] = [(f"{place}axes.{k}", r) for k, r in part.axes.items()]
        rules += [(f"{place}questions.{k}", r) for k, r in part.questions.items()]
        for key, rule in rules:
            if not isinstance(rule.codage, str):
                tables[f"{key}.codage"] = rule.codage
            if isinstance(rule, YesNoQuestion):
                tables[f"{key}.oui"], tables[f"{key}.non"] = rule.oui, rule.non
    for key, values in tables.items():
        for value in values:
            read = as_cell(value, body.format.decimale)
            if not read:
                yield key, "une valeur vide n'est jamais comparée : une cellule vide a déjà un statut ; l'ôter."
            elif read != value:
                yield (
                    key,
                    f"« {value} » ne se rencontre jamais : une telle cellule se lit « {read} » ; écrire « {read} ».",
                )


def _tables(body: InterviewsBody) -> Iterator[Fault]:
    """Yields the code maps that are named and defined nowhere."""
    named: list[tuple[str, StratumRule | AxisRule | Question]] = [("strate", body.strate)]
    for _, place, part in _parts(body):
        named += [(f"{place}axes.{axis}", rule) for axis, rule in part.axes.items()]
        named += [(f"{place}questions.{code}", rule) for code, rule in part.questions.items()]
    for key, rule in named:
        if isinstance(rule.codage, str) and rule.codage not in body.codages:
            yield f"{key}.codage", f"la table « {rule.codage} » n'est pas définie sous codages."


def _interviews(contract: Contract, programme: Programme) -> Iterator[Fault]:
    for organisme, place, own in _parts(contract.interview_rules):
        for axis, rule in own.axes.items():
            yield from _axis(f"{place}axes.{axis}", axis, rule, contract, programme)
        yield from _coverage(f"{place}questions", own.questions, contract.questions(organisme), contract, programme)
        for code, question in own.questions.items():
            if code in _asked(contract, programme):
                yield from _question(f"{place}questions.{code}", code, question, contract, programme)


def _asked(contract: Contract, programme: Programme) -> set[str]:
    return {code for code, question in programme.delivered_questions.items() if contract.wave in question.waves}


def _coverage(
    key: str, said: Iterable[str], mapped: Iterable[str], contract: Contract, programme: Programme
) -> Iterator[Fault]:
    """Yields the questions that a place of the contract says and nobody asks, and those asked that nothing maps."""
    asked, wave = _asked(contract, programme), contract.wave
    for code in said:
        if code in programme.indices:
            yield key, f"la question « {code} » est un indice, fait de ses composantes ; l'ôter du contrat."
        elif code not in asked:
            known = code in programme.questions
            told = "n'est pas posée" if known else "n'est pas dans questions.csv ; rien n'y est posé"
            yield key, f"la question « {code} » {told} en {wave}."
    for code in sorted(asked - set(mapped)):
        told = f"posée en {wave} d'après questions_vagues.csv, n'est rattachée à aucune colonne."
        yield key, f"la question « {code} », {told}"


def _axis(key: str, axis: str, rule: AxisRule, contract: Contract, programme: Programme) -> Iterator[Fault]:
    if axis not in programme.axes:
        yield key, "cet axe n'est pas dans axes.csv."
        return
    bands = programme.axes[axis]
    if rule.tranches and not any(band.numeric for band in bands):
        yield key, "« tranches » demande des bornes, que segments.csv ne donne pas ; écrire un codage."
    yield from _absent(
        f"{key}.codage", contract.codes(rule).values(), [b.code for b in bands], f"segments.csv pour {axis}"
    )
    where = f"codages.{rule.codage}" if isinstance(rule.codage, str) else f"{key}.codage"
    yield from axis_words(where, rule, contract.codes(rule), axis, programme)
    yield from axis_column(key, axis, rule, programme)


def _question(key: str, code: str, rule: Question, contract: Contract, programme: Programme) -> Iterator[Fault]:
    question = programme.questions[code]
    # a table that several questions name is wrong once
    where = f"codages.{rule.codage}" if isinstance(rule.codage, str) else f"{key}.codage"
    yield from _options(where, contract.codes(rule).values(), code, programme)
    if isinstance(rule, YesNoQuestion):
        yield from _options(f"{key}.colonnes", rule.colonnes, code, programme)
    yield from question_words(key, where, rule, contract.codes(rule), question.scale, programme)
    yield from column_words(key, code, rule, programme)
    if isinstance(rule, SingleQuestion) and not contract.body.a_decider:
        yield from _none_forgotten(where, contract, rule, question.scale, programme)
    if question.multiple == isinstance(rule, SingleQuestion):
        told = "plusieurs réponses : dire" if question.multiple else "une seule réponse : ôter"
        yield key, f"l'échelle {question.scale} admet {told} « multiple »."


def _none_forgotten(
    key: str, contract: Contract, rule: SingleQuestion, scale: str, programme: Programme
) -> Iterator[Fault]:
    """Yields the options of a scale that no value gives: two labels under one code leave another without any."""
    options = programme.options[scale]
    said = {*contract.codes(rule).values(), *contract.interview_rules.modalites_absentes.get(scale, ())}
    left = [f"« {option} »" for option in options if option not in said]
    # a misspelt code is a fault of its own
    if left and said <= {*options, *programme.statuses}:
        told = "les écrire, ou mettre sous modalites_absentes celles que l'institut n'a pas proposées"
        yield key, f"aucune valeur ne donne {', '.join(left)} (échelle {scale}) ; {told}."


def _options(
    key: str, codes: Iterable[str], question: str, programme: Programme, more: Iterable[str] = ()
) -> Iterator[Fault]:
    scale = programme.questions[question].scale
    for code in sorted({*codes} - {*programme.options[scale], *programme.statuses, *more}):
        yield key, f"modalité inconnue « {code} » (échelle {scale})."


def _counts(contract: Contract, programme: Programme) -> Iterator[Fault]:
    rules, key = contract.counts_rules, "comptages.questions"
    for code, rule in rules.questions.items():
        if rule.modele is not None and rule.modele not in rules.modeles:
            yield f"{key}.{code}.modele", f"« {rule.modele} » est inconnu ; le définir sous modeles."
    if rules.forme_longue is not None:
        columns = (rules.forme_longue.question, rules.forme_longue.reponse, *rules.forme_longue.nombres)
        if len(set(columns)) < len(columns):
            yield "comptages.forme_longue", "question, reponse et nombres sont des colonnes différentes ; corriger."
    counted = contract.counts(programme)
    yield from _coverage(key, sorted(counted), counted, contract, programme)
    yield from count_uses(contract, programme)
    for code in sorted(_asked(contract, programme) & set(counted)):
        yield from _counted(f"{key}.{code}", code, counted[code], programme)
    if contract.has_weights and None in (rules.effectif_poids, rules.effectif_poids_carre):
        yield "comptages", "des sommes de poids sont livrées : dire aussi effectif_poids et effectif_poids_carre."
    for heading in _headings(rules):
        if not isinstance(heading, str):
            yield from pattern_faults("comptages", heading.cherche)


def _counted(key: str, code: str, rule: CountedQuestion, programme: Programme) -> Iterator[Fault]:
    question = programme.questions[code]
    respondents = {RESPONDENTS} if question.multiple else set()
    yield from count_words(key, code, rule, programme)
    yield from _options(key, rule.comptes, code, programme, respondents)
    # an option without a column would be taken for the rest, and the rate would lie
    for target in sorted({*programme.options[question.scale], *respondents} - set(rule.comptes)):
        yield key, f"la colonne de la modalité « {target} » n'est pas dite."
    if rule.reste not in programme.statuses:
        yield f"{key}.reste", f"« {rule.reste} » n'est pas un statut commun de modalites.csv."
    for name, columns in (("poids", rule.poids), ("poids_carre", rule.poids_carre)):
        if (rule.poids or rule.poids_carre) and set(columns) != set(rule.comptes):
            yield key, f"{name} et comptes ne portent pas sur les mêmes modalités."


def _headings(rules: CountsRules) -> Iterator[Heading]:
    """Yields every column that a contract of counts looks for."""
    cut = (rules.decoupage.axe, rules.decoupage.segment) if rules.decoupage else ()
    questions = rules.questions.values()
    said = (rules.effectif, rules.effectif_poids, rules.effectif_poids_carre, rules.population, *cut)
    yield from (heading for heading in (*said, *(q.pourcentage for q in questions)) if heading is not None)
    for headings in (*rules.modeles.values(), *(m for q in questions for m in (q.comptes, q.poids, q.poids_carre))):
        yield from headings.values()
