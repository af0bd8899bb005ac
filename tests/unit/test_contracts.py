"""A contract that is wrong: every fault in one French sentence with file and key, and only its own files refused."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestration.extracts.contract_body import CONTRACT
from orchestration.extracts.contracts import load_contracts
from orchestration.extracts.deliveries import deliveries
from orchestration.extracts.ingest import ingest
from orchestration.programme.declarations import DeclarationError, located, read_yaml
from orchestration.programme.faults import faults
from tests.support.contracts import faults_of
from tests.support.mini import TABLES, mini_contract, mini_programme, row, write_contract, write_csv


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_CLE", "clé d'essai, connue de tous et donc d'aucun secret")


def _with(path: str, value: Any) -> dict[str, Any]:
    """Returns the contract with one value changed, at a dotted key."""
    body = mini_contract()
    *parents, last = path.split(".")
    place = body
    for name in parents:
        place[name] = dict(place.get(name, {}))
        place = place[name]
    place[last] = value
    return body


CSV = {"type": "csv", "encodage": "utf-8", "separateur": ";"}


@pytest.mark.parametrize(
    ("path", "value", "key", "said"),
    [
        ("vague", "V9", "vague", "« V9 » n'est pas dans vagues.csv"),
        ("vague", 2022, "vague", "« 2022 » : un texte est attendu ; le mettre entre guillemets"),
        ("institut", "X", "institut", "« X » n'est pas dans instituts.csv"),
        ("statut", "peut-être", "statut", "« peut-être » n'est pas admis ; valeurs admises : brouillon, confirme"),
        ("surprise", 1, "racine", "clé inconnue : surprise"),
        ("contrats", "x", "racine", "clé inconnue : contrats"),
        ("version", 0, "version", "au moins 1 est attendu"),
        ("fichiers", [], "fichiers", "au moins 1 élément est attendu"),
        ("fichiers", "*.csv", "fichiers", "une liste est attendu"),
        ("comptages", {}, "comptages", "n'a pas sa place ici"),
        ("organisme", {}, "organisme", "une de ces clés : colonne, feuille, valeur, nom_fichier"),
        ("strate", {}, "strate", "une de ces clés : axes, colonne, valeur"),
        ("format", {**CSV, "encodage": "utf-9"}, "format.encodage", "« utf-9 » n'est pas un encodage connu"),
        ("format", {**CSV, "encodage": "rot13"}, "format.encodage", "« rot13 » n'est pas un encodage connu"),
        ("format", {**CSV, "type": "word"}, "format.type", "valeurs admises : csv, xlsx"),
        ("format", {**CSV, "entete": {"cherche": "(ORG"}}, "format.entete.cherche", "« (ORG » n'est pas une expression"),
        (
            "format", {**CSV, "lignes_ignorees": {"colonne": "ORG", "motif": "(?=T)"}},
            "format.lignes_ignorees.motif", "« (?=T) » n'est pas une expression régulière admise",
        ),
        (
            "format", {**CSV, "lignes_ignorees": {"colonne": "ORG", "motif": "^T", "total": r"\d+"}},
            "format.lignes_ignorees.total", "n'entoure pas de parenthèses le nombre annoncé",
        ),
        ("organisme", {"nom_fichier": "^(O"}, "organisme.nom_fichier", "n'est pas une expression régulière"),
        ("organisme", {"nom_fichier": r"^O\d"}, "organisme.nom_fichier", "parenthèses le nom de l'organisme"),
        ("organisme", {"valeur": "O9"}, "organisme.valeur", "« O9 » n'est ni dans organismes.csv"),
        ("organisme", {"colonne": "ORG", "valeurs": {"1": "O9"}}, "organisme.valeurs", "« O9 » n'est pas dans"),
        ("particularites", {"O9": {}}, "particularites", "« O9 » n'est pas dans organismes.csv"),
        ("date_entretien.format", "JJ/MM/AAAA", "date_entretien.format", "l'écrire avec %d, %m et %Y"),
        ("date_entretien.format", "%d/%m/%Q", "date_entretien.format", "l'écrire avec %d, %m et %Y"),
        ("terrain", {"appeles": 9, "joints": 10}, "terrain", "plus de personnes jointes que d'appelées"),
        ("terrain", {"appeles": 9, "joints": 5, "refus": 6}, "terrain", "ou de refus que de jointes"),
        ("strate.axes", ["couleur"], "strate.axes", "« couleur » n'est pas dans axes.csv"),
        ("strate", {"colonne": "S", "codage": {"1": "ROSE"}}, "strate", "« ROSE » n'est pas dans plan_sondage.csv"),
        ("strate", {"colonne": "S", "codage": "rien"}, "strate.codage", "« rien » n'est pas définie sous codages"),
        ("axes.couleur", {"colonne": "C", "codage": {}}, "axes.couleur", "cet axe n'est pas dans axes.csv"),
        ("axes.type_construction", {"colonne": "TC", "tranches": True}, "axes.type_construction", "demande des bornes"),
        ("axes.type_construction.codage", {"C": "COLL"}, "axes.type_construction.codage", "« COLL » n'est pas dans segments"),
        ("questions.G1.codage", "sat5", "questions.G1.codage", "la table « sat5 » n'est pas définie sous codages"),
        ("questions.G1.codge", "sat", "questions.G1", "clé inconnue : codge"),
        ("questions.G1.codage", {"1": "TSS"}, "questions.G1.codage", "modalité inconnue « TSS » (échelle SAT)"),
        ("codages.sat", {"1": "TSS"}, "codages.sat", "modalité inconnue « TSS » (échelle SAT)"),
        ("questions.G9", {"colonne": "Q9", "codage": "sat"}, "questions", "« G9 » n'est pas dans questions.csv"),
        ("questions", {}, "questions", "la question « C1 », posée en V2 d'après questions_vagues.csv, n'est rattachée"),
        ("questions.M1", {"colonne": "Q5", "codage": {"a": "A"}}, "questions.M1", "admet plusieurs réponses"),
        ("questions.G1.multiple", "liste", "questions.G1", "admet une seule réponse"),
        (
            "questions.M1", {"multiple": "oui_non", "colonnes": {"A": "Q5"}}, "questions.M1", "clé à ajouter : oui",
        ),
        (
            "questions.M1", {"multiple": "oui_non", "colonnes": {"Z": "Q5"}, "oui": ["O"]},
            "questions.M1.colonnes", "modalité inconnue « Z » (échelle MOT)",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_file_and_key(tmp_path: Path, path: str, value: Any, key: str, said: str) -> None:
    programme = mini_programme(tmp_path)
    problems = faults_of(write_contract(tmp_path, _with(path, value)), programme)
    place = re.compile(rf"i-v2\.yaml(, ligne \d+)?, {re.escape(key)} : ")
    told = [p for p in problems if place.match(p) and said in p]
    assert len(told) == 1, problems
    # what is about the whole file, and nothing else, has no line
    assert (", ligne " in told[0]) is (key != "racine")
    assert "\n" not in told[0] and not re.search(r"[Ii]s not|required|[Uu]nexpected|valid under", told[0])


def test_clusters_are_told_once(tmp_path: Path) -> None:
    body = mini_contract(unite_primaire={"colonne": "BAT"}, effet_plan=1.4)
    programme = mini_programme(tmp_path)
    [problem] = faults_of(write_contract(tmp_path, body), programme)
    assert "effet_plan : les grappes sont déjà dites par unite_primaire" in problem


def test_a_sound_contract_has_no_fault(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    assert faults_of(write_contract(tmp_path, mini_contract()), programme) == []


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    body = mini_contract(institut="X", format={**CSV, "encodage": "utf-9"}, codages={"sat": {"1": "TSS"}})
    programme = mini_programme(tmp_path)
    problems = faults_of(write_contract(tmp_path, body), programme)
    keys = [p.split(" : ")[0] for p in problems]
    lines = write_contract(tmp_path, body).read_text(encoding="utf-8").splitlines()
    at = [lines.index(written) + 1 for written in ("institut: X", "  encodage: utf-9", "  sat:")]
    # a table that three questions name is wrong once
    assert keys == [
        f"i-v2.yaml, ligne {at[0]}, institut",
        f"i-v2.yaml, ligne {at[1]}, format.encodage",
        f"i-v2.yaml, ligne {at[2]}, codages.sat",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2", "ligne 1, colonne 9 : YAML mal formé"),
        ("a: 1\nb: 2\na: 3", "ligne 3 : la clé « a » figure déjà ligne 1"),
        ("a: {x: 1, x: 2}", "la clé « x » figure déjà"),
        ("a: 2022-13-45", "une date est impossible"),
        ("a: \x07", "caractère de contrôle"),
    ],
)
def test_a_yaml_that_cannot_be_read_says_where(text: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(said)):
        read_yaml(text.encode())
    with pytest.raises(DeclarationError, match="l'octet 5 n'est pas de l'UTF-8"):
        read_yaml("a: x\xe9".encode("latin-1").replace(b"x", b"x"))


def test_a_key_is_the_text_that_is_written() -> None:
    assert read_yaml(b"{01: a, yes: b, 1.0: c, 2022: d}") == {"01": "a", "yes": "b", "1.0": "c", "2022": "d"}
    assert read_yaml(b"base: &b {x: 1}\nmore: {<<: *b, x: 2, y: 3}")["more"] == {"x": 2, "y": 3}


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("a", 1), ("a.x", 2), ("a.x.y", 2), ("b", 4), ("b.0", 5), ("b.1.c.d", 6), ("b.7", 4), ("1.5", 7), ("1.5.z", 8),
        ("e.f", 9), ("racine", None), ("absent.f", None),
    ],
)  # fmt: skip
def test_a_key_is_found_on_its_line(key: str, line: int | None) -> None:
    text = "a:\n  x: 1\n  y: 2\nb:\n  - 0\n  - c: 1\n1.5:\n  z: 2\ne: {f: 1}\n"
    [told] = located("f.yaml", text.encode(), [(key, "faux.")])
    assert told == f"f.yaml{f', ligne {line}' if line else ''}, {key} : faux."


def _told(body: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        CONTRACT.validate_python(body)
    return faults(caught.value, CONTRACT)


def test_a_contract_that_is_no_table_is_said() -> None:
    assert _told([1]) == [("racine", "« [1] » : une table « clé: valeur » est attendue.")]


QUESTION = {"colonne": "Q5", "codage": "sat"}
COUNTS = {"nature": "comptages", "comptages": {"effectif": "N", "questions": {"G1": {"comptes": {"TS": "A"}}}}}


def _counts(path: str, value: Any) -> dict[str, Any]:
    body = {name: part for name, part in mini_contract().items() if name not in INTERVIEWS} | deepcopy(COUNTS)
    *parents, last = path.split(".")
    place = body
    for name in parents:
        place = place[name]
    place[last] = value
    return body


INTERVIEWS = ("entretien", "date_entretien", "axes", "questions")


@pytest.mark.parametrize(
    ("body", "key", "said"),
    [
        # of a union, the form that the writer means is told by the value itself: one sentence, about that form
        (_with("questions.M1", 5), "questions.M1", "« 5 » : une table « clé: valeur » est attendue."),
        (_with("questions.G1.codage", 5), "questions.G1.codage", "« 5 » : un texte ou une table « clé: valeur » est attendu ; le mettre entre guillemets."),
        (_with("questions.G1.codage", {"1": 2}), "questions.G1.codage.1", "« 2 » : un texte est attendu ; le mettre entre guillemets."),
        (_with("questions.M1", QUESTION | {"multiple": "listes"}), "questions.M1.multiple", "valeurs admises : oui_non, mentions, liste ; ôter la clé d'une question à une seule réponse."),
        (_with("questions.M1", QUESTION | {"multiple": "liste", "separateurs": ";"}), "questions.M1", "clé inconnue : separateurs (« separateur » ?) ; y sont admises multiple, colonne, separateur, codage, codage_propre, libelles_ecartes."),
        (_with("questions.M1", {"multiple": "mentions", "colonnes": ["a", 2], "codage": {}}), "questions.M1.colonnes.1", "« 2 » : un texte est attendu ; le mettre entre guillemets."),
        (_with("nature", "entretien"), "nature", "valeurs admises : entretiens, comptages, scores."),
        (_with("format", CSV | {"lignes_ignorees": {"colonne": "A"}}), "format.lignes_ignorees", "clé à ajouter : motif."),
        (_with("format", CSV | {"lignes_ignorees": [{"colonne": "A", "motif": "x"}, {"colonne": "A", "motifs": "x", "motif": "x"}]}), "format.lignes_ignorees.1", "clé inconnue : motifs (« motif » ?) ; y sont admises colonne, motif, total."),
        (_with("format", CSV | {"lignes_gardees": {"colonne": "A", "valeurs": [2022, None]}}), "format.lignes_gardees.valeurs.1", "« null » : un texte ou un nombre est attendu."),
        (_with("format", CSV | {"decimale": None}), "format.decimale", "« null » n'est pas admis ; valeurs admises : ,, .."),
        (_with("format", CSV | {"guillemet": "''"}), "format.guillemet", "« '' » : au plus 1 caractère est attendu."),
        (_with("format", CSV | {"entete": "ORG"}), "format.entete", "« ORG » : une table « clé: valeur » est attendue."),
        (_with("particularites", {"O1": {"questions": {"G1": {"colonne": "Q1"}}}}), "particularites.O1.questions.G1", "clé à ajouter : codage."),
        (_with("particularites", {"O1": {"ponderation": {}}}), "particularites.O1", "clé inconnue : ponderation ; y sont admises questions, axes, ignorees."),
        (_with("date_entretien", {"colonne": "D", "forme": "x"}), "date_entretien", "clé inconnue : forme (« format » ?) ; y sont admises colonne, valeur, format."),
        (_counts("comptages.effectif", {"cherches": "N"}), "comptages.effectif", "clé à ajouter : cherche."),
        (_counts("comptages.effectif", 3), "comptages.effectif", "« 3 » : un texte ou une table « clé: valeur » est attendu ; le mettre entre guillemets."),
        (_counts("comptages.questions.G1", {"reste": "SR"}), "comptages.questions.G1", "il y manque une de ces clés : modele, comptes."),
        (_counts("comptages.questions.G1.comptes", {"TS": {"cherche": 1}}), "comptages.questions.G1.comptes.TS.cherche", "« 1 » : un texte est attendu ; le mettre entre guillemets."),
        (_counts("comptages.statuts", {"[X]": "nul"}), "comptages.statuts.[X]", "« nul » n'est pas admis ; valeurs admises : vide, sans_objet, supprime, indisponible, exclu."),
        (_counts("comptages.modeles", {"m": "A"}), "comptages.modeles.m", "« A » : une table « clé: valeur » est attendue."),
        (_counts("ponderation", {"colonne": "P"}), "ponderation", "cette clé n'a pas sa place ici ; la retirer."),
        (_counts("unite_primaire", {"colonne": "P"}), "unite_primaire", "cette clé n'a pas sa place ici ; la retirer."),
    ],
)  # fmt: skip
def test_a_fault_of_a_nested_part_or_of_a_union_is_one_clear_sentence(
    body: dict[str, Any], key: str, said: str
) -> None:
    assert (key, said) in _told(body)


def test_a_value_that_is_read_otherwise_than_written_is_refused() -> None:
    """Whatever the faults, no sentence is pydantic's, and none names the tag of a form."""
    body = mini_contract(fichiers=[1], organisme={"feuille": False}, axes={"age": {"tranches": "oui"}}, version="1")
    body["questions"]["M1"]["multiple"] = ["liste"]
    told = _told(body)
    assert [key for key, _ in told] == ["axes.age", "axes.age.tranches", "fichiers.0", "organisme.feuille", "questions.M1.multiple", "version"]  # fmt: skip
    assert not [s for k, s in told if "\0" in k + s or re.search(r"[Ii]nput|[Ff]ield|valid ", s)]


def test_a_bad_contract_refuses_its_own_files_and_no_other(tmp_path: Path) -> None:
    for name in ("a1.csv", "b1.csv", "c1.csv", "d1.csv"):
        write_csv(tmp_path / "landing/V2" / name, [row("1")])
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(contrat="a", fichiers=["a*"]))
    write_contract(tmp_path, mini_contract(contrat="b", fichiers=["b*"], institut="X"))
    write_contract(tmp_path, mini_contract(contrat="c", fichiers=["c*"], surprise=1))
    (tmp_path / "contracts/d.yaml").write_text("contrat: [d", encoding="utf-8")
    records = {r.fichier: r for r in (ingest(d, programme) for d in deliveries(programme, load_contracts(programme)))}
    assert {name: (r.statut, [q.regle for q in r.qualite]) for name, r in records.items()} == {
        "V2/a1.csv": ("accepte", []),
        "V2/b1.csv": ("rejete", ["contrat_fautif"]),
        "V2/c1.csv": ("rejete", ["contrat_fautif"]),
        "V2/d1.csv": ("rejete", ["contrat_absent"]),
    }
    assert "b.yaml, ligne 4, institut : « X »" in records["V2/b1.csv"].motif
    assert "c.yaml, racine : clé inconnue : surprise" in records["V2/c1.csv"].motif
    assert "(d.yaml ne se lit pas)" in records["V2/d1.csv"].motif


def test_a_mended_contract_reads_its_files_again(tmp_path: Path) -> None:
    from orchestration.extracts.inventory import take_inventory

    write_csv(tmp_path / "landing/V2/a.csv", [row("1")])
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(institut="X"))
    [delivery] = deliveries(programme, load_contracts(programme))
    assert ingest(delivery, programme).statut == "rejete"
    assert take_inventory(programme).stale == []
    write_contract(tmp_path, mini_contract())
    [delivery] = take_inventory(programme).stale
    assert ingest(delivery, programme).statut == "accepte"


def test_two_contracts_for_one_file_refuse_that_file(tmp_path: Path) -> None:
    for name in ("a1.csv", "ab.csv"):
        write_csv(tmp_path / "landing/V2" / name, [row("1")])
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(contrat="un", fichiers=["a?.csv"]))
    write_contract(tmp_path, mini_contract(contrat="deux", fichiers=["?b.csv"]))
    records = {r.fichier: r for r in (ingest(d, programme) for d in deliveries(programme, load_contracts(programme)))}
    assert records["V2/a1.csv"].statut == "accepte"
    assert [q.regle for q in records["V2/ab.csv"].qualite] == ["contrat_ambigu"]
    assert "deux.yaml et un.yaml prétendent à ce nom" in records["V2/ab.csv"].motif


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("*", "a.csv", True), ("a*.csv", "*b.csv", True), ("a*.csv", "b*.csv", False), ("a?.csv", "a1.csv", True),
        ("a?.csv", "a12.csv", False), ("a[12].csv", "a[23].csv", True), ("a[12].csv", "a[34].csv", False),
        ("a[!1].csv", "a1.csv", False), ("a[*].csv", "a1.csv", False), ("a.csv", "a.csv", True), ("a.csv", "A.csv", False),
    ],
)  # fmt: skip
def test_contracts_that_would_claim_the_same_names_are_told(tmp_path: Path, one: str, other: str, meet: bool) -> None:
    programme = mini_programme(tmp_path)
    write_contract(tmp_path, mini_contract(contrat="un", fichiers=["zz", one]))
    write_contract(tmp_path, mini_contract(contrat="deux", fichiers=[other]))
    found = load_contracts(programme).faults
    assert len(found) == meet
    assert all("un.yaml, fichiers : «" in f and "deux.yaml, vague V2" in f for f in found)


def test_contracts_of_two_waves_may_claim_the_same_names(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    for wave in ("V1", "V2"):
        write_contract(tmp_path, mini_contract(wave))
    assert load_contracts(programme).faults == []


def test_two_contracts_of_one_name_are_told(tmp_path: Path) -> None:
    programme = mini_programme(tmp_path)
    path = write_contract(tmp_path, mini_contract(fichiers=["a*"]))
    write_contract(tmp_path, mini_contract(fichiers=["b*"])).rename(path.with_name("autre.yaml"))
    write_contract(tmp_path, mini_contract(fichiers=["c*"]))
    assert load_contracts(programme).faults == [
        "i-v2.yaml, contrat : « i-v2 » est déjà le nom de autre.yaml ; en changer."
    ]


def test_a_number_is_kept_as_it_is_written() -> None:
    """« 2022 » among the values to keep is compared with the text of a cell: 2022.0 would keep no line."""
    body = mini_contract(format={**CSV, "lignes_gardees": {"colonne": "AN", "valeurs": [2022, "V2", 1.5]}})
    kept = CONTRACT.validate_python(body).format.lignes_gardees
    assert kept is not None and list(map(str, kept.valeurs)) == ["2022", "V2", "1.5"]


@pytest.mark.parametrize(("code", "wrong"), [("ENTRETIEN", False), ("ENT", True)])
def test_a_file_of_the_questionnaires_own_codes_says_nothing_by_their_words(
    code: str, wrong: bool, tmp_path: Path
) -> None:
    """« entretien » is the code of "Manque d'entretien": as words it would be the contrary of what it stands for."""
    options = [f"MOT,{code},1,Manque d'entretien,exprime,,non,", "MOT,AUCUN,2,Aucun motif,exprime,,oui,"]
    lines = [line for line in TABLES["modalites"][1] if not line.startswith("MOT,")]
    programme = mini_programme(tmp_path, tables={"modalites": [*lines, *options]})
    codage = {"entretien": code, "0": "AUCUN"}
    question = {"multiple": "liste", "colonne": "Q5", "separateur": "|", "codage": codage}
    found = faults_of(write_contract(tmp_path, _with("questions.M1", question)), programme)
    assert ["c'est le contraire" in fault for fault in found] == [True] * wrong
