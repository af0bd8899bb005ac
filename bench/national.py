"""A national programme, fictional: as many organismes as wanted, their interviews drawn from the demonstration's.

Everything but who takes part is the shipped programme's: questionnaire, axes, scales, thresholds. Each organisme
delivers one CSV file a wave, under one contract, its answers already in the questionnaire's codes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from orchestration.demo.answers import answer_wave
from orchestration.demo.programme import DemoProgramme, load_demo
from orchestration.demo.respondents import draw_respondents

SHIPPED = Path(__file__).resolve().parent.parent / "data"
SEED = 2026
# dwellings for each interview of a stratum
SAMPLING = 20
# an organisme's interviews are drawn without replacement from the demonstration's wave
MOST_INTERVIEWS = 16_000
SEPARATOR = "|"


def write_national(root: Path, organismes: int, interviews: int, waves: tuple[str, ...]) -> list[Path]:
    """Writes the programme and its deliveries.

    Args:
        root: folder of the programme, not there yet.
        organismes: how many take part in each wave.
        interviews: of each organisme in each wave, at most MOST_INTERVIEWS.
        waves: codes of waves of the demonstration.

    Returns:
        the deliveries.
    """
    demo = load_demo(SHIPPED, SEED)
    codes = [f"N{number:04d}" for number in range(1, organismes + 1)]
    shutil.copytree(SHIPPED / "reference", root / "reference")
    (root / "contracts").mkdir()
    _configure(root, waves)
    plan: list[pl.DataFrame] = []
    files: list[Path] = []
    for wave in waves:
        pool = _pool(demo, wave)
        _contract(root, demo, wave)
        for number, code in enumerate(codes):
            drawn = pool[
                np.random.default_rng([SEED, int(wave), number]).choice(pool.height, interviews, replace=False)
            ]
            path = root / "landing" / wave / f"{code}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            drawn.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("id")).write_csv(path, separator=";")
            files.append(path)
            strata = (
                drawn.group_by(strate=pl.concat_str("qpv", "type_construction", separator=".")).len().sort("strate")
            )
            plan.append(
                strata.select(
                    pl.lit(wave).alias("vague"), pl.lit(code).alias("organisme_code"), "strate",
                    (pl.col("len") * SAMPLING).alias("population"), pl.col("len").alias("entretiens_vises"),
                )
            )  # fmt: skip
    pl.concat(plan).write_csv(root / "reference" / "plan_sondage.csv")
    _members(root, demo, codes, waves)
    return files


def _pool(demo: DemoProgramme, wave: str) -> pl.DataFrame:
    """The valid interviews of a wave of the demonstration, as a file holds them."""
    frame = answer_wave(
        demo,
        pl.concat(draw_respondents(demo, wave, code, rank) for rank, (code, _) in enumerate(demo.participants(wave))),
    ).filter("valide")
    asked = [q for q in demo.questions.values() if wave in q.waves]
    return frame.select("date_entretien", *demo.axes, *(q.code for q in asked)).with_columns(
        pl.col(q.code).list.join(SEPARATOR) for q in asked if q.multiple
    )


def _configure(root: Path, waves: tuple[str, ...]) -> None:
    config = yaml.safe_load((SHIPPED / "programme.yaml").read_text(encoding="utf-8"))
    config["vague_courante"] = waves[-1]
    # the logo and the map stay; leaflets are a matter of the number of organismes, measured apart
    config["rapport"]["livrets"] = False
    (root / "programme.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    path = root / "reference" / "vagues.csv"
    controls = ("entretiens_controle", "questions_controle", "organismes_controle")
    table = pl.read_csv(path, infer_schema=False).with_columns(pl.lit(None, pl.String).alias(name) for name in controls)
    table.write_csv(path)


def _contract(root: Path, demo: DemoProgramme, wave: str) -> None:
    def same(codes: list[str]) -> dict[str, str]:
        return {code: code for code in codes}

    questions: dict[str, dict[str, object]] = {}
    for question in demo.questions.values():
        if wave in question.waves:
            coding = same(demo.answers(question.scale))
            how = {"multiple": "liste", "separateur": SEPARATOR} if question.multiple else {}
            questions[question.code] = {**how, "colonne": question.code, "codage": coding}
    body = {
        "contrat": f"national-{wave}", "version": 1, "statut": "confirme", "institut": demo.participants(wave)[0][1],
        "vague": wave, "fichiers": ["N*.csv"], "format": {"type": "csv", "encodage": "utf-8", "separateur": ";"},
        "organisme": {"nom_fichier": r"^(N\d+)\.csv$"}, "entretien": "id",
        "date_entretien": {"colonne": "date_entretien", "format": "%Y-%m-%d"},
        "strate": {"axes": demo.scenario["strate"]},
        "axes": {axe: {"colonne": axe, "codage": same([s.code for s in demo.axes[axe]])} for axe in demo.axes},
        "questions": questions,
    }  # fmt: skip
    path = root / "contracts" / f"national-{wave}.yaml"
    path.write_text(yaml.safe_dump(body, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _members(root: Path, demo: DemoProgramme, codes: list[str], waves: tuple[str, ...]) -> None:
    """The reference tables that say who takes part."""
    reference = root / "reference"
    families = pl.read_csv(reference / "familles.csv", infer_schema=False)["famille"].to_list()
    departments = [segment.code for segment in demo.axes["departement"]]
    turn = range(len(codes))
    pl.DataFrame(
        {
            "organisme_code": codes,
            "nom": [f"Organisme national {code[1:]} (fictif)" for code in codes],
            "famille": [families[i % 2] for i in turn],
            "siren": [None] * len(codes),
            "departement": [departments[i % len(departments)] for i in turn],
            "valide_de": ["2000-01-01"] * len(codes),
            "valide_a": [None] * len(codes),
            "sans_repondant": ["non"] * len(codes),
        },
        schema_overrides={"siren": pl.String, "valide_a": pl.String},
    ).write_csv(reference / "organismes.csv")
    [institute] = {demo.participants(wave)[0][1] for wave in waves}
    pl.DataFrame(
        {
            "vague": [wave for wave in waves for _ in codes],
            "organisme_code": codes * len(waves),
            "statut": ["attendu"] * (len(codes) * len(waves)),
            "institut": [institute] * (len(codes) * len(waves)),
            "mode_collecte": ["telephone"] * (len(codes) * len(waves)),
            "commentaire": [None] * (len(codes) * len(waves)),
        },
        schema_overrides={"commentaire": pl.String},
    ).write_csv(reference / "participations.csv")
    for name in ("filiations", "organismes_alias", "demarches_qualite"):
        path = reference / f"{name}.csv"
        pl.read_csv(path, infer_schema=False).clear().write_csv(path)
