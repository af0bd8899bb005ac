"""A scenario that cannot be written is refused in one sentence; a programme of another shape is not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from orchestration.demo import write_demo
from orchestration.errors import ProgrammeError
from tests.support.mini import CONFIG

PACKAGE = Path(__file__).parents[2] / "orchestration" / "demo"

QUESTIONS = """question_code,theme_code,ordre,libelle,formulation,statut_formulation,echelle,nature,filtre,est_globale,source
A1,T,1,Premier,,proposition,TROIS,,,non,
B1,T,2,Choix,,proposition,PLUSIEURS,,,non,
C1,T,3,Suite,,proposition,TROIS,,"array_contains(B1, 'X')",non,
"""
REFERENCE = {
    "questions": QUESTIONS,
    "questions_vagues": "question_code,vague,equivalence,commentaire\nA1,V1,premiere,\nB1,V1,premiere,\nC1,V1,premiere,\n",
    "echelles": "echelle,type,libelle,unite_note\nTROIS,unique,,\nPLUSIEURS,multiple,,\n",
    "modalites": "echelle,modalite_code,ordre,libelle,statut_reponse,est_satisfait,exclusive\n"
    "TROIS,HAUT,1,Haut,exprime,oui,non\nTROIS,MOYEN,2,Moyen,exprime,non,non\nTROIS,BAS,3,Bas,exprime,non,non\n"
    "PLUSIEURS,X,1,x,exprime,,non\nPLUSIEURS,Y,2,y,exprime,,non\nPLUSIEURS,RIEN,3,rien,exprime,,oui\n"
    + "".join(
        f"TOUTES,{code},{91 + i},{statut},{statut},,oui\n"
        for i, (code, statut) in enumerate(
            [
                ("NSP", "ne_sait_pas"),
                ("REFUS", "refus"),
                ("NC", "non_concerne"),
                ("SR", "sans_reponse"),
                ("FILTRE", "filtre"),
                ("NON_POSE", "non_pose"),
            ]
        )
    ),
    "axes": "axe,ordre,libelle,millesime,source\nzone,1,Zone,,\n",
    "segments": "axe,segment,ordre,libelle,borne_min,borne_max\nzone,NORD,1,Nord,,\nzone,SUD,2,Sud,,\n",
    "vagues": "vague,libelle,ordre,terrain_debut,terrain_fin\nV1,V1,1,2024-03-01,2024-03-31\n",
    "participations": "vague,organisme_code,statut,institut,mode_collecte,commentaire\nV1,ORG,attendu,INS,,\n",
    "plan_sondage": "vague,organisme_code,strate,population,entretiens_vises\nV1,ORG,NORD,900,60\nV1,ORG,SUD,300,20\n",
    "organismes": "organisme_code,nom,famille,siren,departement,valide_de,valide_a,sans_repondant\nORG,L'Org,F,,1,2000-01-01,,non\n",
    "organismes_alias": "alias,organisme_code,source\nL'Org,ORG,usage\n",
    "filiations": "predecesseur,successeur,type,date_effet,part_parc,commentaire\n",
}
CALIBRATION = "question_code,vague,niveau,part_nsp,part_refus,part_nc,part_sr\nA1,V1,0.3,0.05,0,0,0\nB1,V1,,0.05,0,0,0\nC1,V1,0.1,,,,\n"
OPTIONS = "question_code,vague,modalite_code,probabilite\nB1,V1,X,0.5\nB1,V1,Y,0.3\n"
DISPOSITIFS = "dispositif,ordre,libelle,cadence,principal,evenement\nENQUETE,1,E,,oui,\nAPPELS,2,A,,non,\n"
PERIODS = (
    "vague,libelle,ordre,terrain_debut,terrain_fin,dispositif\n"
    "V1,mars,1,2024-03-01,2024-03-31,APPELS\nV2,avril,2,2024-04-01,2024-04-30,APPELS\n"
)
SCENARIO: dict[str, Any] = {
    "strate": ["zone"],
    "axes": [],
    "valeurs_numeriques": {},
    "seuils": {"TROIS": {"ordre": ["BAS", "MOYEN", "HAUT"], "coupures": [-0.5, 0]}},
    "choix_multiples": {"lien": 0.1, "maximum": {"PLUSIEURS": 2}},
    "effets": {
        "organisme": {"ecart_type": 0.2, "theme": 0.1, "derive": 0.05, "predecesseur": 0.1},
        "incidence": 0.1,
        "locataire": {"commun": 0.3, "theme": 0.1},
        "segments": {"zone": {"NORD": -0.2}},
    },
    "livraisons": {"ins-v1": {"fichier": "ins.csv"}},
    "defauts": [{"contrat": "ins-v1", "organisme": "ORG", "regle": "filtre_contredit", "cible": "C1"}],
}
CONTRACT: dict[str, Any] = {
    "contrat": "ins-v1",
    "institut": "INS",
    "vague": "V1",
    "fichiers": ["ins*.csv"],
    "format": {"type": "csv", "separateur": ";"},
    "organisme": {"valeur": "ORG"},
    "entretien": "id",
    "date_entretien": {"colonne": "jour"},
    "strate": {"axes": ["zone"]},
    "axes": {"zone": {"colonne": "zone", "codage": {"n": "NORD", "s": "SUD"}}},
    "codages": {"trois": {"1": "HAUT", "2": "MOYEN", "3": "BAS", "9": "NSP"}},
    "questions": {
        "A1": {"colonne": "a", "codage": "trois"},
        "B1": {
            "multiple": "mentions",
            "colonnes": ["b1", "b2"],
            "codage": {"1": "X", "2": "Y", "3": "RIEN", "9": "NSP"},
        },
        "C1": {"colonne": "c", "codage": "trois"},
    },
}
Programme = Callable[..., Path]


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    def build(
        scenario: dict[str, Any] | None = None, contract: dict[str, Any] | None = None, options: str = OPTIONS
    ) -> Path:
        root = tmp_path / "p"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        (root / "programme.yaml").write_text(yaml.safe_dump(CONFIG | {"vague_courante": "V1"}), encoding="utf-8")
        for folder in ("reference", "demo", "contracts"):
            (root / folder).mkdir(parents=True)
        for name, text in REFERENCE.items():
            (root / "reference" / f"{name}.csv").write_text(text, encoding="utf-8")
        (root / "demo" / "calibrage.csv").write_text(CALIBRATION, encoding="utf-8")
        (root / "demo" / "options.csv").write_text(options, encoding="utf-8")
        (root / "demo" / "scenario.yaml").write_text(yaml.safe_dump(SCENARIO | (scenario or {})), encoding="utf-8")
        (root / "contracts" / "c.yaml").write_text(yaml.safe_dump(CONTRACT | (contract or {})), encoding="utf-8")
        return root

    return build


def test_a_programme_of_another_shape_is_written(programme: Programme) -> None:
    root = programme()
    summary = write_demo(root)
    frame = pl.read_csv(root / "landing" / "V1" / "ins.csv", separator=";", infer_schema=False)
    assert frame.columns == ["id", "jour", "zone", "a", "b1", "b2", "c"] and frame.height == 81
    assert summary.interviews == {"V1": 80} and summary.defects == {"filtre_contredit": 1}
    chose_x = (pl.col("b1") == "1") | (pl.col("b2") == "1").fill_null(False)
    contradicted = frame.with_row_index("ligne", 2).filter(pl.col("c").is_not_null() & ~chose_x)
    assert contradicted["ligne"].to_list() == pl.read_csv(summary.truth / "defauts.csv")["ligne"].to_list()


def test_a_contract_of_a_dispositif_is_written_in_each_of_its_waves(programme: Programme) -> None:
    planted = SCENARIO["defauts"][0] | {"vague": "V2"}
    root = programme({"livraisons": {"ins-v1": {"fichier": "ins {periode}.csv"}}, "defauts": [planted]})
    body = {name: value for name, value in CONTRACT.items() if name != "vague"} | {"dispositif": "APPELS"}
    (root / "contracts" / "c.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
    (root / "reference" / "dispositifs.csv").write_text(DISPOSITIFS, encoding="utf-8")
    (root / "reference" / "vagues.csv").write_text(PERIODS, encoding="utf-8")
    for file in (
        *(root / "reference" / f"{name}.csv" for name in ("questions_vagues", "participations", "plan_sondage")),
        *(root / "demo").glob("*.csv"),
    ):
        rows = file.read_text(encoding="utf-8").splitlines()
        later = [row.replace("V1", "V2") for row in rows[1:]]
        file.write_text("\n".join([*rows, *later, ""]), encoding="utf-8")
    defects = {file.path: file.defects for file in write_demo(root).files}
    assert defects == {"landing/V1/ins mars.csv": 0, "landing/V2/ins avril.csv": 1}


def test_what_cannot_be_written_is_refused_in_a_sentence(programme: Programme) -> None:
    known = {"contrat": "ins-v1", "organisme": "ORG", "regle": "valeur_inconnue", "cible": "A1", "valeur": "2"}
    weight = {"contrat": "ins-v1", "organisme": "ORG", "regle": "poids_invalide", "valeur": "0"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"scenario": {"livraisons": {}}}, "livraisons ne dit rien de ins-v1"),
        ({"scenario": {"livraisons": {"ins-v1": {"fichier": "autre.csv"}}}}, "n'accepte pas le nom « autre.csv »"),
        ({"scenario": {"defauts": [known]}}, "« 2 » est une valeur connue de A1"),
        ({"scenario": {"defauts": [weight]}}, "ins-v1 ne livre pas de poids"),
        ({"contract": {"vague": "V2"}}, "aucun contrat pour INS en V1"),
        (
            {"contract": {"codages": {"trois": {"1": "HAUT", "2": "MOYEN", "3": "BAS"}}}},
            "aucune valeur source pour NSP",
        ),
        ({"contract": {"entretien": "a"}}, "la colonne « a » sert deux fois"),
        ({"options": OPTIONS.replace("B1,V1,Y,0.3\n", "")}, "options.csv : B1 en V1 attend"),
    ]
    for changes, sentence in cases:
        with pytest.raises(ProgrammeError, match=re.escape(sentence)):
            write_demo(programme(**changes))


def test_a_programme_without_scenario_has_no_demo(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match="n'a pas de démonstration"):
        write_demo(tmp_path)


def test_the_package_names_nothing_of_the_shipped_programme() -> None:
    reference = PACKAGE.parents[1] / "data" / "reference"
    names = {
        code
        for table, column in (
            ("questions", "question_code"),
            ("organismes", "organisme_code"),
            ("instituts", "institut"),
        )
        for code in pl.read_csv(reference / f"{table}.csv", infer_schema=False)[column]
    }
    for path in PACKAGE.glob("*.py"):
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        assert not words & names, path.name
