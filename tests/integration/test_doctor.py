"""`observatoire doctor` on an installation that is sound, and on the same one with each of its parts damaged in turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.installation.backup import LastBackup, note_backup
from orchestration.installation.findings import Finding, Health
from orchestration.operation.outcomes import moment, now
from orchestration.reporting.printed import SEAL
from orchestration.settings import Settings
from tests.support import warm
from tests.support.demo import KEY, REPOSITORY, observatoire
from tests.support.installations import flip, tree
from tests.support.small import published

CURRENT, PRINTED, LEAFLETS = (f"{folder}/V2-9.9" for folder in ("published/editions", "reports", "published/livrets"))


def _doctor(root: Path, *options: str, key: str = KEY, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OBSERVATOIRE_DATA": str(root), "OBSERVATOIRE_CLE": key, "COLUMNS": "200", **more}
    return warm.run("orchestration.cli", ["doctor", *options], environment, REPOSITORY)


def _found(root: Path, **more: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    done = _doctor(root, "--json", **more)
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert (said["code"], said["sain"]) == (done.returncode, done.returncode == 0)
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in said["constats"]:
        if finding["etat"] != "bien":
            found.setdefault(finding["controle"], []).append(finding)
    return done.returncode, found


def test_what_is_not_well_has_a_remedy() -> None:
    assert Finding("liens", Health.SOUND, "tout va.").remede == ""
    for state in (Health.WATCH, Health.FAULT):
        with pytest.raises(ValueError, match=r"liens : rien ne va\."):
            Finding("liens", state, "rien ne va.", " ")


def test_a_sound_installation_is_said_to_be_and_nothing_is_written(root: Path) -> None:
    before = tree(root)
    assert _found(root) == (0, {})
    assert tree(root) == before
    said = _doctor(root).stdout
    assert len(said.splitlines()) == said.count("Bien : ") == 16


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _unlinked(root: Path) -> None:
    (root / "published/courante").unlink()


def _copied(root: Path) -> None:
    target = (root / "published/courante").resolve()
    (root / "published/courante").unlink()
    shutil.copytree(target, root / "published/courante")


def _late(root: Path) -> None:
    note_backup(Settings(root), LastBackup("2026-01-01T00:00:00+00:00", "ailleurs/x.tar"))


def _unseen(root: Path) -> None:
    # seen by no run, and there for long: the register is of another moment
    register = root / "landing/receptions.csv"
    register.write_text(register.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def _refused(root: Path) -> None:
    path = root / "warehouse/derniere_execution.json"
    last = json.loads(path.read_text(encoding="utf-8")) | {"etat": "refusee", "phrase": "la raison"}
    path.write_text(json.dumps(last), encoding="utf-8")


def _linked_elsewhere(root: Path) -> None:
    entrance = root / "published/observatoire.duckdb"
    entrance.unlink()
    entrance.symlink_to("editions/V2-0.0/edition.duckdb")


def _led(root: Path, where: Path) -> None:
    (root / "published/courante").unlink()
    (root / "published/courante").symlink_to(where)


def _manifest(root: Path, **said: object) -> None:
    path = root / CURRENT / "manifeste.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | said), encoding="utf-8")


def _without_a_manifest(root: Path) -> None:
    for path in (root / "published/editions").glob("*/manifeste.json"):
        path.unlink()


def _renamed(root: Path) -> None:
    path = root / CURRENT / "manifeste.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"V2-9.9"', '"V2-9.8"'), encoding="utf-8")


def _ahead(root: Path) -> None:
    path = root / "warehouse/derniere_execution.json"
    last = json.loads(path.read_text(encoding="utf-8")) | {"fin": "2199-01-01T00:00:00+00:00"}
    path.write_text(json.dumps(last), encoding="utf-8")


def _saved(root: Path, when: str, where: str) -> None:
    note_backup(Settings(root), LastBackup(when, where))


def _with_a_depot(root: Path) -> None:
    path = root / "programme.yaml"
    depot = {
        "nom": "loin",
        "url": "s3://a/b",
        "identifiant": "OBSERVATOIRE_DEPOT_X",
        "mot_de_passe": "OBSERVATOIRE_DEPOT_Y",
    }
    body = yaml.safe_load(path.read_text(encoding="utf-8")) | {"depots": [depot]}
    path.write_text(yaml.safe_dump(body), encoding="utf-8")


def _under_another_name(root: Path) -> None:
    path = root / "programme.yaml"
    body = yaml.safe_load(path.read_text(encoding="utf-8")) | {"programme": "autre"}
    path.write_text(yaml.safe_dump(body), encoding="utf-8")


DAMAGES: list[tuple[str, int, str, Callable[[Path], object]]] = [
    ("programme", 1, "programme.yaml", lambda root: (root / "programme.yaml").write_text("{", encoding="utf-8")),
    ("nom", 3, "et programme.yaml dit « autre »", _under_another_name),
    ("dossiers", 1, "n'est pas au compte", lambda root: os.chown(root / "warehouse/dbt", 12345, 12345)),
    ("dossiers", 3, "restauration interrompue", lambda root: (root / ".restauration").mkdir()),
    ("liens", 1, "ne mène à aucune édition", _unlinked),
    ("liens", 1, "n'est pas un lien", _copied),
    ("liens", 3, "pas imprimée en entier", lambda root: (root / PRINTED / SEAL).unlink()),
    ("liens", 1, "n'est pas imprimée", lambda root: (root / PRINTED / "index.html").unlink()),
    ("imprimes", 1, "(1) : index.html", lambda root: flip(root / PRINTED / "index.html")),
    ("imprimes", 1, "(1) : lettre.pdf", lambda root: (root / PRINTED / "lettre.pdf").write_bytes(b"")),
    ("imprimes", 1, "(1) : explorateur.html", lambda root: (root / PRINTED / "explorateur.html").unlink()),
    ("imprimes", 1, "(1) : O1/livret.pdf", lambda root: _cut(root / LEAFLETS / "O1/livret.pdf")),
    ("imprimes", 1, "(1) : .empreintes.json", lambda root: (root / PRINTED / SEAL).write_bytes(b"{")),
    ("imprimes", 1, "livrets/V2-9.9 abîmés", lambda root: (root / LEAFLETS / SEAL).write_bytes(b"[]")),
    ("editions", 1, f"{CURRENT}/edition.duckdb manque", lambda root: flip(root / CURRENT / "edition.duckdb")),
    ("editions", 1, f"{CURRENT}/donnees/", lambda root: flip(root / CURRENT / "donnees/dim_vague.parquet")),
    ("editions", 3, "V2-0.0/changements.md", lambda root: (root / "published/editions/V2-0.0/changements.md").unlink()),
    ("lac", 3, "lots.parquet", lambda root: (root / "lake/lots.parquet").write_bytes(b"x")),
    ("livraisons", 3, "V2/O1.csv", lambda root: (root / "landing/V2/O1.csv").unlink()),
    ("livraisons", 3, "V1/O2.csv", lambda root: (root / "landing/V1/O2.csv").write_bytes(b"x")),
    ("journaux", 1, "runs.db", lambda root: (root / ".dagster/history/runs.db").write_bytes(b"x" * 4096)),
    ("execution", 1, "la raison", _refused),
    ("sauvegarde", 3, " j), ailleurs/x.tar", _late),
    ("sauvegarde", 3, "n'est plus là", lambda root: _saved(root, now(), str(root.parent / "perdue.tar"))),
    ("sauvegarde", 3, "il en faut une chaque nuit", _late),
    ("horloge", 3, "01/01/2199", lambda root: _saved(root, "2199-01-01T00:00:00+00:00", "ailleurs/x.tar")),
    ("horloge", 3, "l'horloge de cette machine dit <jour>", _ahead),
    ("liens", 1, "published/organismes manque", lambda root: (root / "published/organismes").unlink()),
    ("liens", 1, "published/observatoire.duckdb manque, ou ne mène pas", _linked_elsewhere),
    ("liens", 1, "sans manifeste : des lecteurs l'ouvrent encore", _without_a_manifest),
    ("liens", 1, "des lecteurs l'ouvrent encore", lambda root: (root / CURRENT / "manifeste.json").unlink()),
    ("liens", 1, "ne mène pas à editions/V2-9.9", lambda root: _led(root, Path("../editions/V2-9.9"))),
    ("liens", 1, "ne mène pas à editions/V2-9.9", lambda root: _led(root, root.parent / "V2-9.9")),
    ("liens", 1, "imprimée en entier", lambda root: (root / LEAFLETS / "livrets.json").write_bytes(b"5")),
    ("editions", 3, "n'est pas une édition", lambda root: (root / "published/editions/V2-0.0/manifeste.json").unlink()),
    ("editions", 1, "", lambda root: _manifest(root, fichiers=[])),
    ("editions", 1, "", lambda root: _manifest(root, tables=5)),
    ("editions", 1, "est celui d'une autre édition", _renamed),
    (
        "editions",
        1,
        "INTRUS.duckdb n'est pas de cette",
        lambda root: (root / CURRENT / "INTRUS.duckdb").write_bytes(b"x"),
    ),
    ("irremplacable", 1, "lake/apports/V2-9.9.json", lambda root: (root / "lake/apports/V2-9.9.json").unlink()),
    ("irremplacable", 1, "receptions.csv manque", lambda root: (root / "landing/receptions.csv").unlink()),
    ("irremplacable", 1, "plus de l'UTF-8", lambda root: (root / "landing/receptions.csv").write_bytes(b"\xff\xfe")),
    ("regles", 1, "d'abord", lambda root: (root / "reference/segments.csv").unlink()),
    (
        "regles",
        1,
        "YAML mal formé",
        lambda root: next((root / "contracts").glob("*.yaml")).write_text("x: [", encoding="utf-8"),
    ),
    ("reglages", 3, "n'a pas OBSERVATOIRE_DEPOT_X, OBSERVATOIRE_DEPOT_Y", _with_a_depot),
]


@pytest.mark.parametrize(
    ("check", "code", "said", "damage"), DAMAGES, ids=[f"{n} {case[2]}" for n, case in enumerate(DAMAGES)]
)
def test_each_damage_is_found_with_a_remedy(
    root: Path, check: str, code: int, said: str, damage: Callable[[Path], object]
) -> None:
    damage(root)
    begun = now()
    found_code, found = _found(root)
    assert found_code == code
    assert check in found
    # midnight may come meanwhile
    days = [moment(time)[:10] for time in (begun, now())]
    assert any(said.replace("<jour>", day) in finding["constat"] for finding in found[check] for day in days), found
    assert all(finding["remede"].strip() for findings in found.values() for finding in findings), found


@pytest.mark.parametrize("damage", [case[3] for case in DAMAGES[::9]], ids=[case[2] for case in DAMAGES[::9]])
def test_what_is_found_is_said_to_a_person_too(root: Path, damage: Callable[[Path], object]) -> None:
    damage(root)
    _, found = _found(root)
    said = _doctor(root)
    assert "Traceback" not in said.stdout + said.stderr
    for finding in (finding for findings in found.values() for finding in findings):
        assert " ".join(finding["constat"].split()) in " ".join(said.stdout.split())


def test_a_print_that_was_altered_stays_so_until_its_remedy_prints_it_again(tmp_path: Path) -> None:
    root = published(tmp_path / "programme")
    [table] = (root / "reports/courant/donnees").glob("*.xlsx")
    before = table.read_bytes()
    table.write_bytes(b"autre chose")
    for arguments in (("run",), ("rollback", "V2-0.0")):
        # neither a run with nothing to do nor leading readers to a print is to print it
        assert observatoire(root, *arguments).returncode == 0
        [finding] = _found(root)[1]["imprimes"]
        assert f"donnees/{table.name}" in finding["constat"]
    Path(finding["remede"].removeprefix("ôter ").partition(",")[0]).unlink()
    done = observatoire(root, "run")
    assert "rien de nouveau" in done.stdout, done.stderr
    assert "imprimes" not in _found(root)[1] and table.read_bytes() == before


def test_deliveries_that_nothing_has_seen_are_told_after_an_hour(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestration.installation import inputs
    from orchestration.programme import load_programme

    _unseen(root)
    assert inputs.unseen(load_programme(root)) == []
    monkeypatch.setattr(inputs, "_UNSEEN_SECONDS", -1)
    assert inputs.unseen(load_programme(root)) == [f"V{wave}/O{n}.csv" for wave in (1, 2) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("key", "said"), [("courte", "moins de 32"), ("", "aucune clé"), ("fichier", "lisible par d'autres comptes")]
)
def test_a_key_that_does_not_protect_is_a_fault(root: Path, tmp_path: Path, key: str, said: str) -> None:
    home = tmp_path / "etat"
    if key == "fichier":
        (home / "observatoire").mkdir(parents=True)
        (home / "observatoire/cle").write_text("0" * 64, encoding="utf-8")
        (home / "observatoire/cle").chmod(0o644)
    code, found = _found(root, key="" if key == "fichier" else key, XDG_STATE_HOME=str(home))
    assert code == 1
    assert said in found["cle"][0]["constat"] and found["cle"][0]["remede"]
    assert (home / "observatoire/cle").exists() == (key == "fichier"), "a probe makes no key"


def test_in_production_answers_are_not_for_every_account(root: Path) -> None:
    from orchestration.installation.rights import open_to_all

    for name in (".", "landing", "lake", "warehouse", "quarantine"):
        if (root / name).exists():
            (root / name).chmod(0o755)
    open_ = ["landing", "lake", "quarantine", "warehouse", "published"]
    assert open_to_all(Settings(root)) == [root / name for name in open_]
    (root / "published").chmod(0o2750)
    assert open_to_all(Settings(root)) == [root / name for name in open_[:-1]]
    root.chmod(0o750)
    assert open_to_all(Settings(root)) == []


def test_a_key_that_is_not_that_of_what_is_read_is_told(root: Path) -> None:
    code, found = _found(root, key="une autre clé, de trente-deux caractères ou plus")
    assert (code, set(found)) == (3, {"cle"})
    assert "n'est pas celle des livraisons lues" in found["cle"][0]["constat"]


@pytest.mark.parametrize(
    ("code", "variable", "value"),
    [
        (1, "OBSERVATOIRE_MEMOIRE", "beaucoup"),
        (1, "OBSERVATOIRE_CALCUL_LECTURE", "long"),
        (3, "OBSERVATOIRE_ALERTE_WEBHOOK", "messagerie.exemple.fr"),
        (3, "OBSERVATOIRE_ALERTE_SMTP", "smtp://courriel.exemple.fr"),
        (3, "OBSERVATOIRE_ALERTE_BATTEMENT", "https://"),
    ],
)
def test_a_variable_that_cannot_be_used_is_told(root: Path, code: int, variable: str, value: str) -> None:
    found_code, found = _found(root, **{variable: value})
    assert (found_code, set(found)) == (code, {"reglages"})
    assert variable in found["reglages"][0]["constat"]


def test_exported_answers_may_be_deleted_before_their_edition(root: Path) -> None:
    path = root / CURRENT / "manifeste.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["fichiers"]["donnees_personnelles/LISEZMOI.txt"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert _found(root) == (0, {})


def test_a_folder_without_a_programme_is_one_sentence(tmp_path: Path) -> None:
    code, found = _found(tmp_path / "absent")
    assert (code, set(found)) == (1, {"programme"})
