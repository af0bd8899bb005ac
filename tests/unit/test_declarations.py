"""What a person writes in programme.yaml: every fault at once, each with its key, what is admitted there, and what to do."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.errors import ProgrammeError
from orchestration.programme import load_programme
from orchestration.programme.config import PROGRAMME
from orchestration.programme.declared import json_schema
from orchestration.programme.faults import faults
from tests.support.mini import CONFIG, mini_programme


def _with(path: str, value: Any) -> dict[str, Any]:
    """Returns a programme with one value changed, at a dotted key; taken away where it is `...`."""
    body = deepcopy(CONFIG)
    *parents, last = path.split(".")
    place = body
    for name in parents:
        place = place.setdefault(name, {})
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return body


def _told(body: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        PROGRAMME.validate_python(body)
    return faults(caught.value, PROGRAMME)


@pytest.mark.parametrize(
    ("path", "value", "key", "said"),
    [
        ("seuils.alpha", "petit", "seuils.alpha", "« petit » : un nombre est attendu."),
        ("seuils.alpha", 0, "seuils.alpha", "« 0 » : plus de 0 est attendu."),
        ("seuils.alpha", 0.75, "seuils.alpha", "« 0,75 » : au plus 0,5 est attendu."),
        ("seuils.confiance", 1, "seuils.confiance", "« 1 » : moins de 1 est attendu."),
        ("seuils.base_minimale", 0, "seuils.base_minimale", "« 0 » : au moins 1 est attendu."),
        ("seuils.base_minimale", 30.5, "seuils.base_minimale", "« 30,5 » : un nombre entier est attendu."),
        ("seuils.base_minimale", True, "seuils.base_minimale", "« true » : un nombre entier est attendu."),
        ("seuils.confiance", ..., "seuils", "clé à ajouter : confiance."),
        ("seuils.confiance", float("nan"), "seuils.confiance", "« nan » : un nombre fini est attendu."),
        ("nom", 2022, "nom", "« 2022 » : un texte est attendu ; le mettre entre guillemets."),
        ("nom", None, "nom", "« null » : un texte est attendu."),
        ("region", None, "region", "« null » : un texte est attendu."),
        ("programme", "Deux mots", "programme", "« Deux mots » : forme attendue ^[a-z0-9_-]+$."),
        ("langue", 3, "langue", "« 3 » : un texte est attendu ; le mettre entre guillemets."),
        ("demonstration", "oui", "demonstration", "« oui » : true ou false est attendu."),
        ("secret.editions_successives", "rien", "secret.editions_successives", "« rien » n'est pas admis ; valeurs admises : signaler, refuser."),
        ("secret", [1], "secret", "« [1] » : une table « clé: valeur » est attendue."),
        ("secret.protecsion", 0, "secret", "clé inconnue : protecsion (« protection » ?) ; y sont admises protection, organismes_secrets, base_unanime, plancher, organismes_plein_chiffre, organismes_repartition, editions_successives, export_reponses, export_minimum."),
        ("estimation.tailles", [3, 3], "estimation.tailles", "3 y figure plusieurs fois ; n'en garder qu'un."),
        ("estimation.tailles", [8000, 0], "estimation.tailles.1", "« 0 » : au moins 1 est attendu."),
        ("perimetres", [{}], "perimetres.0", "il y manque une de ces clés : organismes, demarches, axe."),
        ("perimetres", [{"organismes": "famille", "axe": "zone"}], "perimetres.0", "« organismes » et « axe » à la fois ; en faire plusieurs lignes, dans l'ordre voulu."),
        ("rapport.edito", "Bonjour", "rapport.edito", "« Bonjour » : une liste est attendue."),
        ("rapport.carte", {"axe": "zone", "cases": {"A": [1]}}, "rapport.carte.cases.A", "« [1] » : au moins 2 éléments sont attendus."),
        ("rapport.carte", {"axe": "zone", "cases": {"A": [1, 13]}}, "rapport.carte.cases.A.1", "« 13 » : au plus 12 est attendu."),
        ("rapport.couleurs", {"vif": "rouge"}, "rapport.couleurs.vif", "« rouge » : forme attendue ^#[0-9a-fA-F]{6}$."),
        ("rapport.textes", {"titre": 3}, "rapport.textes.titre", "« 3 » : un texte est attendu ; le mettre entre guillemets."),
        ("plausibilite", {"part": "x"}, "plausibilite.part", "« x » : un nombre est attendu."),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_key(path: str, value: Any, key: str, said: str) -> None:
    assert _told(_with(path, value)) == [(key, said)]


@pytest.mark.parametrize(("body", "shown"), [([1], "[1]"), (None, "null"), ("texte", "texte")])
def test_a_file_that_is_no_table_is_said(body: Any, shown: str) -> None:
    assert _told(body) == [("racine", f"« {shown} » : une table « clé: valeur » est attendue.")]


def test_every_fault_is_said_at_once_by_key(tmp_path: Path) -> None:
    body = _with("seuils.alpha", "petit")
    body["langue"] = 3
    del body["nom"], body["vague_courante"]
    body |= {"region": 3, "editor": "x", "rapports": {}}
    root = mini_programme(tmp_path).root
    (root / "programme.yaml").write_text(yaml.safe_dump(body, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        load_programme(root)
    path = root / "programme.yaml"
    told = str(caught.value).splitlines()
    written = (path.read_text(encoding="utf-8")).splitlines()
    at = [written.index(line) + 1 for line in ("langue: 3", "region: 3", "  alpha: petit")]
    assert [line.removeprefix(f"{path}, ") for line in told] == [
        "racine : clés à ajouter : nom, vague_courante.",
        "racine : clés inconnues : editor (« editeur » ?), rapports (« rapport » ?) ; y sont admises programme, nom, region,"
        " editeur, licence, themes_europeens, langue, vocabulaire, demonstration, vague_courante, seuils, plausibilite, estimation, secret, perimetres, depots, composites, rapport.",
        f"ligne {at[0]}, langue : « 3 » : un texte est attendu ; le mettre entre guillemets.",
        f"ligne {at[1]}, region : « 3 » : un texte est attendu ; le mettre entre guillemets.",
        f"ligne {at[2]}, seuils.alpha : « petit » : un nombre est attendu.",
    ]


def test_what_is_left_out_has_the_value_that_the_model_declares() -> None:
    config = PROGRAMME.validate_python(CONFIG)
    assert config.estimation.estimateur_imprime == "domaine" and config.rapport.livrets
    schema = json_schema(PROGRAMME)
    assert schema["$defs"]["Disclosure"]["properties"]["organismes_repartition"]["default"] == 8
    assert config.secret.organismes_repartition == 8


def test_what_is_read_does_not_change() -> None:
    config = PROGRAMME.validate_python(CONFIG)
    with pytest.raises(ValidationError):
        config.seuils.alpha = 0.1  # type: ignore[misc]


def test_the_schema_is_printed_for_editors() -> None:
    printed = json.loads(CliRunner().invoke(app, ["schema"]).stdout)
    assert printed == json_schema(PROGRAMME)
    assert printed["additionalProperties"] is False
    assert all(rule.get("description") or "$ref" in rule for rule in printed["properties"].values())
