"""What hostile hands do to an installation, which `doctor` must tell; what is done as the guide says, which it must not."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from orchestration.installation.doctor import examine, exit_code
from orchestration.installation.findings import Finding, Health
from orchestration.installation.rights import shut
from orchestration.publication.editions import Editions
from orchestration.publication.lost import forget
from orchestration.reporting.printed import SEAL
from orchestration.settings import Settings
from tests.support.demo import observatoire
from tests.support.installations import flip

CURRENT, PRINTED, LEAFLETS = (f"{folder}/V2-9.9" for folder in ("published/editions", "reports", "published/livrets"))


def _found(root: Path) -> tuple[int, dict[str, list[Finding]]]:
    findings = examine(Settings(root))
    found: dict[str, list[Finding]] = {}
    for finding in findings.found:
        if finding.etat != Health.SOUND:
            found.setdefault(finding.controle, []).append(finding)
    return exit_code(findings), found


def _manifest(root: Path, **said: object) -> None:
    path = root / CURRENT / "manifeste.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | said), encoding="utf-8")


def _registered(root: Path, lines: int) -> None:
    register = root / "landing/receptions.csv"
    kept = register.read_text(encoding="utf-8").splitlines(keepends=True)[:lines]
    register.write_text("".join(kept), encoding="utf-8")


def _of_another_moment(root: Path) -> None:
    """The register with other times than those of the reading; one that only lost lines is made again from the lake."""
    register = root / "landing/receptions.csv"
    register.write_text(re.sub(r"(?m)^20\d\d-", "2001-", register.read_text(encoding="utf-8")), encoding="utf-8")


def _less_remembered(root: Path) -> None:
    path = root / "lake/apports/V2-9.9.json"
    body = json.loads(path.read_text(encoding="utf-8"))
    body["organismes"].popitem()
    path.write_text(json.dumps(body), encoding="utf-8")


def _made_a_link(path: Path) -> None:
    path.rename(path.parents[3] / f"ailleurs-{path.name}")
    path.symlink_to(path.parents[3] / f"ailleurs-{path.name}")


def _made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _another_input(root: Path) -> None:
    path = root / CURRENT / "manifeste.json"
    entries = json.loads(path.read_text(encoding="utf-8"))["entrees"]
    _manifest(root, entrees=entries | {"landing/V2/O1.csv": "0" * 64})


def _made_a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.touch()


def _piped(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def _not_files(root: Path) -> None:
    (root / "landing/V2/lien.csv").symlink_to(root / "programme.yaml")
    os.mkfifo(root / "landing/V2/tube.csv")


def _without_rejects(root: Path) -> None:
    """The rejects of the first delivery, as if it had some, are deleted."""
    record = min((root / "lake/registre").glob("*.json"))
    body = json.loads(record.read_text(encoding="utf-8"))
    body["lots"][0]["lignes_rejetees"] = 1
    record.write_text(json.dumps(body), encoding="utf-8")
    (root / "quarantine" / record.stem / "rejets.csv").unlink()


def _cut_records(root: Path) -> None:
    for record in (root / "lake/registre").glob("*.json"):
        record.write_bytes(record.read_bytes()[:50])


def _two_flips(root: Path) -> None:
    for name in ("edition.duckdb", "changements.md"):
        (root / CURRENT / name).chmod(0o644)
        flip(root / CURRENT / name)
    (root / CURRENT / "INTRUS.csv").touch()


def _exported(root: Path) -> None:
    (root / CURRENT / "donnees_personnelles").mkdir()
    (root / CURRENT / "donnees_personnelles").chmod(0o750)


DAMAGES: list[tuple[str, int, str, Callable[[Path], object]]] = [
    ("editions", 3, "n'est plus dans", lambda root: shutil.rmtree(root / "published/editions/V2-0.0")),
    ("editions", 1, "ecartees.json est abîmé", lambda root: (root / "published/ecartees.json").write_bytes(b"[1]")),
    ("editions", 1, "historique.txt n'est pas", lambda root: _made_a_folder(root / "published/historique.txt")),
    ("editions", 1, "edition.duckdb est un lien", lambda root: _made_a_link(root / CURRENT / "edition.duckdb")),
    ("editions", 1, "donnees est un lien", lambda root: _made_a_link(root / CURRENT / "donnees")),
    ("editions", 3, "V2-0.0 est un lien", lambda root: _made_a_link(root / "published/editions/V2-0.0")),
    ("editions", 1, "edition.duckdb : landing/V2/O1.csv", _another_input),
    ("editions", 1, "edition.duckdb : empreinte", lambda root: _manifest(root, empreinte="1" * 64)),
    ("irremplacable", 1, "V2/O3.csv", lambda root: _registered(root, 3)),
    ("irremplacable", 1, "ne dit plus quand", lambda root: _registered(root, 0)),
    ("irremplacable", 1, "ou dit autre chose", _of_another_moment),
    ("irremplacable", 3, "apports/V2-0.0.json", lambda root: (root / "lake/apports/V2-0.0.json").unlink()),
    (
        "irremplacable",
        3,
        "lake/apports/V2-0.0.json",
        lambda root: (root / "lake/apports/V2-0.0.json").write_bytes(b"{}"),
    ),
    ("irremplacable", 1, "n'est plus ce qui fut écrit", _less_remembered),
    ("lac", 3, "reponses/vague=V2/organisme=O1.parquet", lambda root: shutil.rmtree(root / "lake/reponses")),
    ("imprimes", 3, "reports/V2-0.0 ab", lambda root: flip(root / "reports/V2-0.0/index.html")),
    ("imprimes", 1, "reports/V2-9.9/x.html", lambda root: (root / PRINTED / "x.html").touch()),
    ("imprimes", 3, "V2-0.0/O1/x.pdf", lambda root: (root / "published/livrets/V2-0.0/O1/x.pdf").touch()),
    ("imprimes", 1, "(1) : qualite.html", lambda root: _made_a_link(root / PRINTED / "qualite.html")),
    ("imprimes", 1, "V2-9.9 abîmés", lambda root: _made_a_folder(root / PRINTED / SEAL)),
    ("lecteurs", 3, "(1) : published/x.csv", lambda root: (root / "published/x.csv").touch()),
    ("lecteurs", 3, "(1) : published/editions/x", lambda root: (root / "published/editions/x").touch()),
    ("lecteurs", 3, "(1) : reports/x", lambda root: (root / "reports/x").mkdir()),
    ("lecteurs", 3, "(1) : published/livrets/x", lambda root: (root / "published/livrets/x").symlink_to(root)),
    ("lecteurs", 1, "V2-9.9/edition.duckdb", lambda root: (root / CURRENT / "edition.duckdb").chmod(0o400)),
    ("dossiers", 1, "quarantine n'est pas un dossier", lambda root: _made_a_file(root / "quarantine")),
    ("dossiers", 1, "reports n'est pas un dossier", lambda root: _made_a_file(root / "reports")),
    ("dossiers", 1, "(1) : reference/questions.csv", lambda root: _piped(root / "reference/questions.csv")),
    ("dossiers", 1, "(1) : warehouse/run.verrou", lambda root: _piped(root / "warehouse/run.verrou")),
    ("dossiers", 1, "peut changer (1) :", lambda root: (root / "published/editions").chmod(0o777)),
    ("dossiers", 1, "réponses exportées", _exported),
    ("editions", 3, "V2-0.0 ne s'ouvre pas", lambda root: (root / "published/editions/V2-0.0").chmod(0)),
    ("editions", 1, "V2-9.9 ne s'ouvre pas", lambda root: (root / CURRENT).chmod(0)),
    ("editions", 1, "(3) : INTRUS.csv, changements.md, edition.duckdb", _two_flips),
    ("lac", 3, "n'a plus la fiche, ou ne la lit plus (6)", lambda root: shutil.rmtree(root / "lake/registre")),
    ("lac", 3, "n'a plus la fiche, ou ne la lit plus (6)", _cut_records),
    ("lac", 3, "ne sont plus dans quarantine/ (1) : V1/O1.csv", _without_rejects),
    ("livraisons", 3, "(2) : V2/lien.csv, V2/tube.csv", _not_files),
    ("lecteurs", 1, "livrets/V2-9.9/O1", lambda root: (root / LEAFLETS / "O1").chmod(0o700)),
]


@pytest.mark.parametrize(
    ("check", "code", "said", "damage"), DAMAGES, ids=[f"{n} {case[2]}" for n, case in enumerate(DAMAGES)]
)
def test_each_hostile_act_is_told_with_a_remedy(
    root: Path, check: str, code: int, said: str, damage: Callable[[Path], object]
) -> None:
    damage(root)
    found_code, found = _found(root)
    assert found_code == code, found
    assert check in found
    assert any(said in finding.constat for finding in found[check]), found
    assert all(finding.remede for findings in found.values() for finding in findings), found


def test_a_rollback_a_backup_and_its_restoration_leave_an_installation_sound(root: Path, tmp_path: Path) -> None:
    assert observatoire(root, "rollback", "V2-0.0").returncode == 0
    assert _found(root) == (0, {})
    (tmp_path / "sauvegardes").mkdir()
    assert observatoire(root, "backup", str(tmp_path / "sauvegardes")).returncode == 0
    assert _found(root) == (0, {})
    [saved] = (tmp_path / "sauvegardes").glob("*.tar")
    shutil.rmtree(root)
    root.mkdir()
    done = observatoire(root, "restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert _found(root) == (0, {})


def test_what_publishing_deletes_leaves_an_installation_sound(root: Path) -> None:
    assert Editions(root / "published").prune(1, parting=partial(forget, Settings(root))) == ["V2-0.0"]
    (root / PRINTED / SEAL).unlink()
    done = observatoire(root, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "reports/V2-0.0").is_dir() and not (root / "published/livrets/V2-0.0").exists()
    assert _found(root) == (0, {})


def test_what_an_older_version_left_is_sound(root: Path) -> None:
    """It sealed no print, kept no memory of its editions, and said less in their manifests."""
    for name in ("V2-0.0", "V2-9.9"):
        path = root / f"published/editions/{name}/manifeste.json"
        body = json.loads(path.read_text(encoding="utf-8"))
        del body["apports"]
        path.write_text(json.dumps(body), encoding="utf-8")
    (root / "lake/apports/V2-0.0.json").unlink()
    for place in ("reports", "published/livrets"):
        (root / place / "V2-0.0" / SEAL).unlink()
        (root / place / "V2-0.0/desktop.ini").touch()
    assert _found(root) == (0, {})
    for written in (
        {"V2/O1": "0" * 16},
        {"organismes": {"V2/O1": {"empreinte": "0", "ensembles": None}}, "regles": {}},
    ):
        (root / "lake/apports/V2-0.0.json").write_text(json.dumps(written), encoding="utf-8")
        assert _found(root) == (0, {})
    for strange in ({"V2/O1": 5}, [], {"organismes": {}, "regles": []}):
        (root / "lake/apports/V2-0.0.json").write_text(json.dumps(strange), encoding="utf-8")
        assert set(_found(root)[1]) == {"irremplacable"}


def test_readers_are_those_of_the_group_that_the_folder_is_given_to(root: Path) -> None:
    """As the guide gives it: the group of readers lists both folders, and passes through the programme's."""
    readers = 54321
    for top in (root / "published", root / "reports"):
        for path in (top, *top.rglob("*")):
            os.chown(path, -1, readers, follow_symlinks=False)
        top.chmod(0o2750)
    root.chmod(0o751)
    assert shut(Settings(root)) == []
    root.chmod(0o750)
    assert shut(Settings(root)) == [root]
    root.chmod(0o751)
    # as a restoration leaves it, or a copy by another account
    page = root / PRINTED / "index.html"
    os.chown(page, -1, os.getgid())
    page.chmod(0o640)
    assert shut(Settings(root)) == [page]
    personal = root / CURRENT / "donnees_personnelles"
    personal.mkdir(mode=0o700)
    assert shut(Settings(root)) == [page]
