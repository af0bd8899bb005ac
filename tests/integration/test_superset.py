"""bi/superset in Apache Superset itself: it imports, every chart answers with the file's figures, the dashboard reads.

Superset has its own environment, its own DuckDB and a base of its own. The page is what asks the charts' queries, so
what is compared to the published file is what a person sees. IMAGES names a folder to leave the picture in.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from playwright.sync_api import Browser, Page, Response

from orchestration.publication.editions import Editions
from scripts.superset_bundle import BUNDLE, archive
from tests.support.demo import REPOSITORY, Demo, next_edition

pytestmark = pytest.mark.long

IMAGES = os.environ.get("IMAGES")
# Superset builds its pages as they are asked for: far more than a busy machine takes
PATIENCE_MS = 180_000
CONFIGURATION = """
import sys
sys.path.insert(0, {bi!r})
from superset_config import *
SECRET_KEY = "clé d'essai, connue de tous et donc d'aucun secret"
SQLALCHEMY_DATABASE_URI = "sqlite:///{base}"
TALISMAN_ENABLED = False
WTF_CSRF_ENABLED = False
RATELIMIT_ENABLED = False
"""
CHOSEN = """
    vague as (select vague_courante as vague from meta_edition),
    theme as (select libelle as theme from dim_theme order by ordre limit 1),
    du_theme as (select i.* from obs_indicateur as i semi join vague using (vague) semi join theme using (theme)),
    region as (
        select s.*, q.theme, q.est_globale, q.nature, g.axe_libelle, g.libelle as profil
        from fct_satisfaction as s semi join vague using (vague)
        join dim_question as q using (question_code) join dim_segment as g using (axe, segment)
        where perimetre_type = 'region'
    )
"""
# what each chart shows once the filters stand on the current wave and its first theme, asked another way than it does
EXPECTED = {
    "edition": """select edition, epoch_ms(publiee_le), vague_courante, nb_entretiens,
        'Données de démonstration : organismes et résultats fictifs' from meta_edition where est_demonstration""",
    "organismes": "select nb_organismes_vague_courante from meta_edition",
    "entretiens": "select nb_entretiens_vague_courante from meta_edition",
    "parc": """select sum(parc) filter (where nb_entretiens > 0) / sum(parc) from obs_couverture semi join vague using (vague)
        where statut <> 'non_concerne'""",
    "questions": "select count(*) from region where axe = 'ensemble' and statut = 'V'",
    "hausses": """select count(*) from fct_evolution as e join dim_vague as v using (vague, vague_precedente) join dim_question as q using (question_code)
        where est_courante and nature = 'satisfaction' and perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie' and verdict in ('hausse', 'hausse légère')""",
    "baisses": """select count(*) from fct_evolution as e join dim_vague as v using (vague, vague_precedente) join dim_question as q using (question_code)
        where est_courante and nature = 'satisfaction' and perimetre_type = 'region' and axe = 'ensemble' and methode = 'publie' and verdict in ('baisse', 'baisse légère')""",
    "themes": """select theme, sum(taux_satisfaits * base_ponderee) / sum(base_ponderee) from region
        where axe = 'ensemble' and nature = 'satisfaction' and statut = 'V' group by all""",
    "verdicts": """select theme, verdict, count(*) from obs_indicateur semi join vague using (vague)
        where verdict is not null and nature = 'satisfaction' group by all""",
    "notes": "select libelle, note_moyenne from du_theme where note_moyenne is not null",
    "evolutions": "select libelle, verdict, evolution from du_theme where evolution is not null",
    "tableau": """select libelle, base_brute, note_moyenne, note_ic_bas, note_ic_haut, taux_satisfaits, evolution, verdict,
        reference, ecart_reference, statut, motif_statut from du_theme""",
    "segments": """select axe_libelle || ' : ' || profil, axe_libelle, note_imprimee from region
        where est_globale and axe <> 'ensemble' and segment <> 'NR' and statut = 'V'""",
    "masques": "select axe_libelle, statut, count(*) from region semi join theme using (theme) group by all",
    "couverture": """select nom, famille, departement, statut, motif, nb_entretiens, parc, part_parc
        from obs_couverture semi join vague using (vague)""",
    "controles": """select fichier, organisme_code, libelle, gravite, nb_lignes, exemple
        from obs_qualite semi join vague using (vague) where not tenue""",
}


@dataclass
class Superset:
    """A Superset that was given the bundle, over a copy of the demo's store of editions."""

    address: str
    editions: Editions
    token: str = ""

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """Returns what the REST API answers."""
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.address + path, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def superset(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    subprocess.run([REPOSITORY / "scripts" / "bootstrap.sh", "superset"], check=True)
    home = tmp_path_factory.mktemp("superset")
    shutil.copytree(demo.root / "published", home / "published", symlinks=True)
    settings = CONFIGURATION.format(bi=str(REPOSITORY / "bi"), base=home / "superset.db")
    (home / "reglages.py").write_text(settings, encoding="utf-8")
    environment = {
        "SUPERSET_CONFIG_PATH": str(home / "reglages.py"),
        "SUPERSET_HOME": str(home),
        "PYTHONWARNINGS": "ignore",
    }
    command = [REPOSITORY / ".superset" / "bin" / "python", REPOSITORY / "tests" / "support" / "superset_server.py"]
    with (home / "superset.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=home,
        )
    try:
        assert server.stdout is not None
        port = next((int(line) for line in server.stdout if line.strip().isdigit()), None)
        assert port, (home / "superset.log").read_text(encoding="utf-8")[-3000:]
        served = Superset(f"http://127.0.0.1:{port}", Editions(home / "published"))
        who = json.dumps({"username": "essai", "password": "essai", "provider": "db"}).encode()
        served.token = served.ask("/api/v1/security/login", who)["access_token"]
        archive(home / "published" / "observatoire.duckdb", home / "observatoire.zip")
        assert served.ask("/api/v1/dashboard/import/", *_upload(home / "observatoire.zip")) == {"message": "OK"}
        yield served
    finally:
        server.terminate()
        server.wait()


def _upload(path: Path) -> tuple[bytes, str]:
    head = b'--limite\r\nContent-Disposition: form-data; name="formData"; filename="observatoire.zip"\r\n\r\n'
    return head + path.read_bytes() + b"\r\n--limite--\r\n", "multipart/form-data; boundary=limite"


@dataclass
class Seen:
    """What the dashboard showed: the rows of each chart, by its name, and every complaint."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    text: str = ""


@pytest.fixture(scope="module")
def dashboard(superset: Superset, chromium: Browser) -> Seen:
    charts = superset.ask("/api/v1/chart/?q=(page_size:100)")["result"]
    names = {chart["id"]: chart["slice_name"] for chart in charts}
    seen = Seen()

    def answered(response: Response) -> None:
        if response.status >= 400:
            seen.complaints.append(f"{response.status} {response.url}")
        elif "/api/v1/chart/data" in response.url:
            asked = response.request.post_data_json
            if slice_id := asked.get("form_data", {}).get("slice_id"):
                seen.rows[names[slice_id]] = response.json()["result"][0]["data"]

    # high enough for every chart to be in sight: Superset asks for those only
    page = chromium.new_page(viewport={"width": 1500, "height": 3400}, locale="fr-FR")
    page.set_default_timeout(PATIENCE_MS)
    page.on("response", answered)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    _open(page, superset.address)
    page.wait_for_function(
        f"document.querySelectorAll('.chart-slice').length == {len(names)}"
        " && !document.querySelector('[data-test=loading-indicator], .loading')",
    )
    page.wait_for_load_state("networkidle")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while set(seen.rows) != set(names.values()) and not seen.complaints and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    alerts = page.query_selector_all(".ant-alert, [role=alert], [data-test=toast-container] > *")
    seen.complaints += [alert.inner_text() for alert in alerts]
    seen.text = page.inner_text("body")
    if IMAGES:
        page.wait_for_timeout(3000)  # bars have grown
        page.screenshot(path=f"{IMAGES}/superset.png", clip={"x": 0, "y": 0, "width": 1500, "height": 2185})
    page.close()
    return seen


def _open(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("input[name=username], #username", "essai")
    page.fill("input[name=password], #password", "essai")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{address}/superset/dashboard/observatoire/?standalone=1")


def test_the_dashboard_opens_without_a_complaint(dashboard: Seen) -> None:
    assert dashboard.complaints == []
    assert "Données de démonstration" in dashboard.text


@pytest.mark.parametrize("chart", sorted(path.stem for path in (BUNDLE / "charts").glob("*.yaml")))
def test_each_chart_shows_the_figures_of_the_file(chart: str, dashboard: Seen, demo: Demo) -> None:
    saved = yaml.safe_load((BUNDLE / "charts" / f"{chart}.yaml").read_text(encoding="utf-8"))
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        connection.execute("use observatoire")
        expected = connection.execute(f"with {CHOSEN} {EXPECTED[chart]}").fetchall()
    rows = dashboard.rows[saved["slice_name"]]
    shown = [tuple(row.values()) for row in rows]
    if saved["params"].get("groupby"):  # a bar per row, and in it a column per series
        shown = [
            (bar, series, value)
            for (_, bar), *cells in (row.items() for row in rows)
            for series, value in cells
            if value is not None
        ]

    assert shown
    assert sorted(map(_rounded, shown)) == sorted(map(_rounded, expected))


def _rounded(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(f"{float(cell):.9f}" if isinstance(cell, int | float) else str(cell) for cell in row)


def test_the_next_query_sees_the_new_edition(superset: Superset) -> None:
    """Superset opens the file anew for each query: nobody has to reconnect; its cache holds a minute at most."""
    before, after = next_edition(superset.editions)
    assert _edition(superset) == before

    superset.editions.switch(after)

    assert _edition(superset) == after


def _edition(superset: Superset) -> str:
    [dataset] = [found for found in superset.ask("/api/v1/dataset/")["result"] if found["table_name"] == "edition"]
    body = {"datasource": {"id": dataset["id"], "type": "table"}, "force": True, "queries": [{"columns": ["edition"]}]}
    [row] = superset.ask("/api/v1/chart/data", json.dumps(body).encode())["result"][0]["data"]
    return str(row["edition"])
