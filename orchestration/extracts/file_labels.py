"""What a delivered file says of its own columns and values, held to what its contract makes of them.

SPSS and Stata files carry the title of each column and the label of each code; workbooks often do on a sheet of their
own. A sender that recodes a scale corrects them; a contract written before knows nothing of it, and would turn every
answer round. Labels are few: no row is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from orchestration.errors import DeliveryError
from orchestration.extracts.contract import Contract
from orchestration.extracts.contract_body import AxisRule
from orchestration.extracts.contract_questions import Question, YesNoQuestion, columns_of
from orchestration.extracts.contract_titles import named_options, title_of_another, titled
from orchestration.extracts.contract_words import Against, Words, turned
from orchestration.extracts.draft.marks import mark
from orchestration.extracts.draft.meaning import equal, no_answer
from orchestration.extracts.mapping import axis_codes, chosen, coded
from orchestration.extracts.readers import RawTable
from orchestration.extracts.readers.tables import as_cell
from orchestration.programme import Programme
from orchestration.programme.texts import capped, clean, normalise

CONTRARY, VALUE = "libelles_contraires", "valeur"
# columns that are told of one file: those of a scale are usually wrong together
_TOLD = 3
_REMEDY = "refaire le contrat (« observatoire contract draft »), ou dire pourquoi sous libelles_ecartes"
_ORGANISME = "corriger organisme.valeurs dans le contrat, ou redemander le fichier"


@dataclass(frozen=True)
class Labels:
    """What a file says of itself.

    Attributes:
        columns: the title of each column that has one of its own: what a whole battery is called says nothing of each.
        values: the label of each value, written as a cell that holds it is read, by column.
    """

    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, table: RawTable, decimal: str | None) -> Labels:
        """Returns the labels of a table.

        Args:
            table: the table.
            decimal: the decimal separator of its contract.
        """
        values = {
            clean(column): {as_cell(value, decimal): clean(label) for value, label in listed.items() if label}
            for column, listed in table.value_labels.items()
        }
        titles = {clean(column): clean(label) for column, label in table.labels.items()}
        times = Counter(titles.values())
        return cls({column: title for column, title in titles.items() if times[title] == 1}, values)


def check_labels(
    table: RawTable, contract: Contract, organismes: Collection[str], programme: Programme, where: str
) -> None:
    """Holds the labels that a table of interviews has to its contract.

    Args:
        table: the table, its headings already held to the contract.
        contract: the contract.
        organismes: those in the table, whose exceptions apply; an empty one where the table does not say.
        programme: its questions, options and axes.
        where: file and sheet, to say in an error.

    Raises:
        DeliveryError: a label says another thing than the contract.
    """
    if not (table.labels or table.value_labels):
        return
    labels = Labels.of(table, contract.form.decimale)
    found: dict[str, str] = {}
    for column, told in _contradicted(labels, contract, organismes, programme):
        found.setdefault(column, f"colonne {column}, {told}")
    if found:
        remedy = _ORGANISME if list(found) == [contract.body.organisme.colonne] else _REMEDY
        beside = f" (feuille {capped(table.explained_by)})" if table.explained_by else ""
        said = f"{where} : ses libellés{beside} ne sont pas ceux du contrat {contract.name} : "
        raise DeliveryError(CONTRARY, f"{said}{capped(found.values(), most=_TOLD, joint=' ; ')} ; {remedy}.")


def _contradicted(
    labels: Labels, contract: Contract, organismes: Collection[str], programme: Programme
) -> Iterator[tuple[str, str]]:
    """Yields the columns whose labels contradict the contract, each with a French sentence."""
    yield from _organisme(labels, contract, programme)
    for organisme in organismes:
        for axis, rule in contract.axes(organisme).items():
            if axis in programme.axes and rule.libelles_ecartes is None:
                yield from _axis(axis, rule, labels, contract, programme)
        for code, question in contract.questions(organisme).items():
            if code in programme.questions and question.libelles_ecartes is None:
                yield from _question(code, question, labels, contract, programme)


def _organisme(labels: Labels, contract: Contract, programme: Programme) -> Iterator[tuple[str, str]]:
    """Yields the column of the organisme where a value is another one's name."""
    column, read = contract.body.organisme.colonne or "", contract.organisme_names(programme)
    for value, label in labels.values.get(column, {}).items():
        named, given = programme.organisme_names.get(normalise(label)), read.get(normalise(value))
        if named and given and named != given:
            yield column, f"{value} = « {label} », lu {given} : c'est le nom de {named}"


def _axis(
    axis: str, rule: AxisRule, labels: Labels, contract: Contract, programme: Programme
) -> Iterator[tuple[str, str]]:
    yield from _title(axis, rule.colonne, labels, programme)
    words, own = Words.of_axis(programme, axis), rule.codage_propre is not None
    listed = labels.values.get(rule.colonne, {})
    read = _read(listed, axis_codes(pl.col(VALUE), rule, contract, programme, axis))
    for value, label in listed.items():
        if found := words.against(label, read[value], own=own, turned=own):
            yield rule.colonne, _unlike(value, label, read[value], words, found)
        elif rule.tranches and (status := no_answer(label)) and read[value] in words.names:
            # 99 is an age, unless the file says that it is a refusal
            yield rule.colonne, f"{value} = « {label} », lu {read[value]} : ce n'est pas une réponse ({status})"
    if not rule.tranches:
        yield from _merged(rule.colonne, listed, read, words)


def _question(
    code: str, rule: Question, labels: Labels, contract: Contract, programme: Programme
) -> Iterator[tuple[str, str]]:
    words, codage = Words.of_scale(programme, programme.questions[code].scale), contract.codes(rule)
    if isinstance(rule, YesNoQuestion):
        named = named_options({o: labels.columns.get(c, "") for o, c in rule.colonnes.items()}, words.options)
        for option, column in rule.colonnes.items():
            if named[option] and option not in named[option]:
                said = labels.columns[column]
                yield column, f"intitulée « {said} », lue {option} : c'est le libellé de {named[option][0]}"
            yield from _option(option, column, rule, codage, labels, words)
        return
    own = rule.codage_propre is not None
    for column in columns_of(rule):
        yield from _title(code, column, labels, programme)
        listed = labels.values.get(column, {})
        read = _read(listed, coded(pl.col(VALUE), codage))
        inverse = own and turned({label: read[value] for value, label in listed.items()}, words.options)
        for value, label in listed.items():
            if found := words.against(label, read[value], own=own, turned=inverse, beside=listed.values()):
                yield column, _unlike(value, label, read[value], words, found)
        yield from _merged(column, listed, read, words)
        if not own:
            for why in words.out_of_order({label: read[value] for value, label in listed.items()}):
                yield column, why


def _merged(column: str, listed: Mapping[str, str], read: Mapping[str, str], words: Words) -> Iterator[tuple[str, str]]:
    """Yields the column where one label stands for two answers: nobody knows which of the two its codes are.

    Numbers share a label on purpose (« Promoteur » of 9 and 10), and so do reasons for no answer.
    """
    worded = {code for code, label in words.names.items() if any(c.isalpha() for c in label)}
    told = {value: label for value, label in listed.items() if read[value] in worded}
    for (one, label), (other, same) in combinations(told.items(), 2):
        if equal(label, same) and read[one] != read[other] and {read[one], read[other]} & {*words.options}:
            given = f"lus {read[one]} et {read[other]}"
            yield column, f"{one} et {other} = « {label} », {given} : un même libellé ne dit pas deux réponses"
            return


def _option(
    option: str,
    column: str,
    rule: YesNoQuestion,
    codage: Mapping[str, str],
    labels: Labels,
    words: Words,
) -> Iterator[tuple[str, str]]:
    """Yields the column of an option whose yes the file calls a no, or another option."""
    own = words.options.get(option, "")
    listed = labels.values.get(column, {})
    read = _read(listed, chosen(rule, option, pl.col(VALUE), codage, words.options))
    for value, label in listed.items():
        given = read[value]
        if given in words.names and given not in words.options:
            found = words.against(label, given, own=rule.codage_propre is not None, turned=False)
            why = found.why if found else ""
        else:
            said, called = mark(label, own), titled(label, words.options)
            other = given == option and called and option not in called
            why = f"c'est le libellé de {called[0]}" if other else ""
            if said is not None and given in (option, "") and said != (given == option):
                why = "l'un dit oui, l'autre non"
            elif given == option and (status := no_answer(label)) and not no_answer(own):
                why = f"ce n'est pas une réponse ({status})"
        if why:
            made = f"lu {given}" if given else f"lu comme un non à {option}"
            yield column, f"{value} = « {label} », {made} : {why}"


def _title(own: str, column: str, labels: Labels, programme: Programme) -> Iterator[tuple[str, str]]:
    """Yields the column that the file gives the title of another question or axis."""
    said = labels.columns.get(column, "")
    if other := title_of_another(said, own, programme):
        yield column, f"intitulée « {said} », lue {own} : c'est le titre de {other}"


def _read(listed: Mapping[str, str], reading: pl.Expr) -> dict[str, str]:
    """Returns the code that a row with each value would get; empty where it would get none."""
    values = pl.DataFrame({VALUE: list(listed)}, {VALUE: pl.String})
    return dict(zip(listed, values.select(reading).to_series().fill_null(""), strict=True))


def _unlike(value: str, label: str, code: str, words: Words, found: Against) -> str:
    return f"{value} = « {label} », lu {code} (« {words.names[code]} ») : {found.why}"
