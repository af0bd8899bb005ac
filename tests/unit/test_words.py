"""One catalogue per language: whole, without a key that nothing says, and held by `observatoire check`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import nodes
from typer.testing import CliRunner

from orchestration import words
from orchestration.cli import app
from orchestration.errors import ProgrammeError
from orchestration.extracts.catalogue import rule_of, rules
from orchestration.programme import load_programme
from orchestration.programme.check import check_programme
from orchestration.programme.vocabulary import catalogue_faults, vocabulary_faults, words_of
from orchestration.words import SAID, Words, catalogue
from tests.support.mini import mini_programme
from tests.unit import reporting_fixture as fixture

CODE = Path(words.__file__).parents[1]
SAYING = {"say", "plain", "t"}  # what puts a name in words
ANY = r"\w+"


class Use(NamedTuple):
    """A name of a text where it is said, as a pattern: the file, and the places filled there (None: not to be read)."""

    name: str
    file: str
    filled: frozenset[str] | None


def _uses() -> Iterator[Use]:
    """Every name of a text that code and templates say."""
    for path in CODE.rglob("*.py"):
        for pattern, filled in _said_by(ast.parse(path.read_text(encoding="utf-8"))):
            yield Use(pattern, path.name, filled)
    for path in CODE.rglob("*.j2"):
        parsed = jinja2.Environment().parse(path.read_text(encoding="utf-8"))
        for call in parsed.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                yield Use(_written(call.args[0]), path.name, frozenset(given.key for given in call.kwargs))
        for found in parsed.find_all(nodes.Getattr):
            if isinstance(found.node, nodes.Name) and found.node.name == "mots":
                yield Use(found.attr, path.name, frozenset())
    for path in CODE.rglob("*.typ"):
        for name in re.findall(r"\bmots\.([a-z_0-9]+)", path.read_text(encoding="utf-8")):
            yield Use(name, path.name, frozenset())


def _written(argument: nodes.Expr) -> str:
    parts = argument.nodes if isinstance(argument, nodes.Concat) else [argument]
    return "".join(str(part.value) if isinstance(part, nodes.Const) else ANY for part in parts)


def _said_by(module: ast.Module) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Of a name that is not written where it is said, every text of the module may be it."""
    chosen = False
    filled: frozenset[str]
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SAYING
            and node.args
        ):
            argument: ast.expr = node.args[0]
            filled = frozenset(given.arg for given in node.keywords if given.arg)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "said":
            argument, filled = node.slice, frozenset()
        else:
            continue
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value, filled
        elif isinstance(argument, ast.JoinedStr):
            pattern = "".join(str(part.value) if isinstance(part, ast.Constant) else ANY for part in argument.values)
            yield pattern, filled
        else:
            chosen = True
    if chosen:
        texts = {
            node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        yield from ((text, None) for text in texts & _known())


def _known() -> set[str]:
    return {name for section in SAID for name in catalogue("fr")[section]}


def test_every_key_is_said_somewhere_and_what_is_said_has_its_key() -> None:
    known, uses = _known(), list(_uses())
    assert len(uses) > 300
    assert [use for use in uses if not any(re.fullmatch(use.name, key) for key in known)] == []
    used = re.compile("|".join({use.name for use in uses}))
    assert {key for key in known if not used.fullmatch(key)} == set()


def test_the_reference_has_the_places_that_are_filled_where_a_text_is_said() -> None:
    """Its catalogue declares the places of every key: those that the code gives, one for one."""
    french = Words.in_language("fr").said
    known = {name: frozenset(re.findall(r"{(\w+)}", text)) for name, text in french.items()}
    told = [use for use in _uses() if use.filled is not None]
    assert sum(bool(use.filled) for use in told) > 60
    wrong = {
        (key, *use[1:]) for use in told for key in known if re.fullmatch(use.name, key) and known[key] != use.filled
    }
    assert wrong == set()


def test_every_section_is_read() -> None:
    code = "".join(path.read_text(encoding="utf-8") for form in ("*.py", "*.j2") for path in CODE.rglob(form))
    assert {section for section in catalogue("fr") if not re.search(rf"[\"']{section}[\"']", code)} == set()


def test_a_name_is_of_one_section() -> None:
    names = [name for section in SAID for name in catalogue("fr")[section]]
    assert {name for name in names if names.count(name) > 1} == set()


def test_a_text_is_said_under_one_name() -> None:
    """What two names say alike in every language is one text, unless it is one word, which bends by its place."""
    told: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in _known():
        told[tuple(Words.in_language(language).said[name] for language in words.languages())].append(name)
    assert {said[0]: found for said, found in told.items() if len(found) > 1 and " " in said[0].strip()} == {}


@pytest.mark.parametrize("language", words.languages())
def test_a_catalogue_says_what_the_reference_says(language: str) -> None:
    assert list(catalogue_faults(words.path_of(language))) == []
    reference, own = Words.in_language("fr").said, Words.in_language(language).said
    for name, text in reference.items():
        assert set(re.findall(r"{\w+}", own[name])) >= set(re.findall(r"{\w+}", text)) - {"{sur}"}, name


@pytest.mark.parametrize("language", [language for language in words.languages() if language != words.REFERENCE])
def test_a_translation_says_no_french_term(language: str) -> None:
    """The words of the database are its columns' names; who reads a page has the terms of its language."""

    def heads(told: str) -> set[str]:
        return {re.sub(r"[<>]", "", term.split()[0]).casefold() for term, _ in catalogue(told)["glossaire"]}

    both = {"importance", "notable", "note", "panel"}
    french = heads(words.REFERENCE) - heads(language) - both | {"organisme", "organismes"}
    texts = [text for entry in catalogue(language)["glossaire"] for text in entry]
    texts += words.names(catalogue(language)).values()
    said = {word for text in texts for word in re.findall(r"\w+", re.sub(r"{[^}]*}|<[^>]*>", "", str(text)).casefold())}
    assert said & french == set()


def test_a_remedy_is_for_a_rule_that_is_tried_or_for_a_severity() -> None:
    assert set(catalogue("fr")["gravites"]) == {rule.severity for rule in rules().values()}
    assert set(catalogue("fr")["regles"]) == set(rules())


def _rewritten(folder: Path, **changes: Any) -> Path:
    """The French catalogue as `xx.yaml`, with other sections."""
    path = folder / "words" / "xx.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({**catalogue("fr"), **changes}, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"essentiel": None}, "words/xx.yaml page.essentiel texte absent ; le donner, comme fr.yaml."),
        (
            {"essentiel": None, "essenciel": "L'essentiel"},
            "words/xx.yaml page.essenciel clé inconnue ; la plus proche est « essentiel » ; la corriger ou la retirer.",
        ),
        (
            {"depuis": "{ecart} depuis {annee}"},
            "words/xx.yaml page.depuis rien ne remplit {annee} ici ; places admises : {ecart}, {vague}.",
        ),
        (
            {"depuis": "{ecart} enfin"},
            "words/xx.yaml page.depuis {vague} y manque ; places attendues : {ecart}, {vague}.",
        ),
        (
            {"depuis": "{ecart depuis"},
            "words/xx.yaml page.depuis « {ecart depuis » n'est pas une place : un nom entre accolades, et rien d'autre.",
        ),
        ({"base": ["Base"]}, "words/xx.yaml page.base un texte est attendu."),
    ],
)
def test_a_catalogue_at_fault_is_told_key_by_key(tmp_path: Path, change: dict[str, str | None], said: str) -> None:
    page = {name: text for name, text in {**catalogue("fr")["page"], **change}.items() if text is not None}
    faults = [" ".join(map(str, fault)) for fault in catalogue_faults(_rewritten(tmp_path, page=page))]
    assert any(fault.startswith(said) for fault in faults), faults


# pieces of wordings: words, and what Python's formats know beside a plain place
PIECES = st.sampled_from(
    [
        "{ecart}",
        "{vague}",
        "{an}",
        "depuis ",
        "é : ",
        "{",
        "}",
        "{{",
        "}}",
        "{ecart!r}",
        "{vague:>5}",
        "{ecart.real}",
        "{}",
        "{0}",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join))
@example("{ecart} depuis {vague}")
@example("{vague} : {ecart}, {ecart}")
def test_a_wording_is_accepted_where_both_ways_of_filling_it_print_the_same(text: str) -> None:
    """Python fills a place by its formats, the warehouse by replacing it: a wording is for both, or it is refused."""
    values = {"ecart": "+0,4", "vague": "2019"}
    replaced = text
    for place, value in values.items():
        replaced = replaced.replace("{" + place + "}", value)
    whole = all("{" + place + "}" in text for place in values) and not re.search("[{}]", replaced)
    own = fixture.PROGRAMME.rapport.model_copy(update={"textes": {"depuis": text}})
    faults = list(vocabulary_faults(fixture.PROGRAMME.model_copy(update={"rapport": own})))
    assert (not faults) == whole, faults
    if whole:
        assert Words.in_language("fr", {"depuis": text}).say("depuis", **values) == replaced
    else:
        [fault] = faults
        assert (fault.file, fault.key) == ("programme.yaml", "rapport.textes.depuis") and fault.message.endswith(".")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([["Note", "une moyenne{sur}"], ["Base", "un compte"]], []),
        ([["Note", "une moyenne{max}"]], ["rien ne remplit {max} ici ; places admises : {sur}."]),
        ([["Note{sur}", "une moyenne"]], ["rien ne remplit {sur} ici ; places admises : aucune."]),
        ([["Note", "{sur!r}"]], ["« {sur!r} » n'est pas une place : un nom entre accolades, et rien d'autre."]),
        ([["Note"]], ["un terme et son explication sont attendus, entre crochets."]),
        ("Note", ["un terme et son explication sont attendus, entre crochets."]),
    ],
)
def test_a_glossary_has_its_own_entries_and_the_places_of_the_reference(
    tmp_path: Path, entries: Any, said: list[str]
) -> None:
    faults = list(catalogue_faults(_rewritten(tmp_path, glossaire=entries)))
    assert [(fault.key, fault.message) for fault in faults] == [("glossaire", message) for message in said]


def test_a_programme_words_its_rules_too(tmp_path: Path) -> None:
    config = fixture.PROGRAMME
    own = config.rapport.model_copy(update={"textes": {"regles.doublon": "Fiche envoyée deux fois"}})
    words_in = words_of(config.model_copy(update={"rapport": own}))
    assert rule_of("doublon", words_in).label == "Fiche envoyée deux fois"
    assert rule_of("doublon", words_of(config)).label == rules()["doublon"].label == "Entretien en double"


def test_a_catalogue_that_lacks_a_section_or_says_a_key_twice_is_told(tmp_path: Path) -> None:
    path = _rewritten(tmp_path, livret="un livret")
    assert [fault.key for fault in catalogue_faults(path)] == ["livret"]
    path.write_text("page: {essentiel: a, essentiel: b}", encoding="utf-8")
    [fault] = catalogue_faults(path)
    assert "la clé « essentiel » figure déjà" in fault.message


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"esentiel": "En bref"}, "clé rapport.textes.esentiel : clé inconnue ; la plus proche est « essentiel »"),
        (
            {"depuis": "depuis {an}"},
            "clé rapport.textes.depuis : rien ne remplit {an} ici ; places admises : {ecart}, {vague}.",
        ),
        (
            {"modes.telefone": "Téléphone"},
            "clé rapport.textes.modes.telefone : clé inconnue ; la plus proche est « modes.telephone »",
        ),
    ],
)
def test_check_refuses_a_text_that_nothing_says(tmp_path: Path, own: dict[str, str], said: str) -> None:
    programme = mini_programme(tmp_path / "programme")
    path = programme.root / "programme.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["rapport"]["textes"] = own
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    assert CliRunner().invoke(app, ["check", "--data", str(programme.root)]).exit_code == 1
    [problem] = check_programme(load_programme(programme.root))
    assert str(problem).startswith(f"programme.yaml, {said}")


def test_check_refuses_a_language_without_a_catalogue(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path / "programme")
    path = programme.root / "programme.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("langue: fr", "langue: xx"), encoding="utf-8")
    assert CliRunner().invoke(app, ["check", "--data", str(programme.root)]).exit_code == 1
    [problem] = check_programme(load_programme(programme.root))
    assert str(problem) == "programme.yaml, clé langue : « xx » n'a pas de catalogue ; langues connues : en, fr."


def test_a_programme_words_texts_and_codes_itself() -> None:
    own = {"essentiel": "Ce qu'il faut retenir", "modes.telephone": "Par téléphone", "verdicts.hausse": "en progrès"}
    own |= {"regles.doublon.explication": "Ne livrer un entretien qu'une fois."}
    said = Words.in_language("fr", own)
    assert said.texts["regles"]["doublon"] == ["Entretien en double", "Ne livrer un entretien qu'une fois."]
    assert own.keys() <= words.names(catalogue("fr")).keys()
    assert said.say("essentiel") == "Ce qu'il faut retenir"
    assert said.texts["modes"]["telephone"] == "Par téléphone"
    assert said.texts["verdicts"]["hausse"] == ["en progrès", catalogue("fr")["verdicts"]["hausse"][1]]
    assert catalogue("fr")["modes"]["telephone"] == "Enquête téléphonique", "the catalogue is as it was"


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(ProgrammeError, match=r"« xx » sans catalogue de textes ; langues connues : en, fr"):
        Words.in_language("xx")


@pytest.mark.parametrize("given", ["en hausse", ["en hausse"], ["en hausse", "Hausse", "trop"], ["en hausse", None]])
def test_a_word_and_its_explanation_are_two_texts(tmp_path: Path, given: Any) -> None:
    path = _rewritten(tmp_path, verdicts={**catalogue("fr")["verdicts"], "hausse": given})
    [fault] = catalogue_faults(path)
    assert (fault.key, "attendu" in fault.message) == ("verdicts.hausse", True)
