"""What an attacker knows before reading a figure: who took part, the sampling plan, scales and scoring, and the truth to compare with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl
import yaml


@dataclass(frozen=True)
class Stratum:
    """A stratum of the plan: interviews, dwellings that they stand for, and whether their weights were delivered."""

    code: str
    interviews: int
    population: int
    delivered: bool

    @property
    def weight(self) -> float:
        """What an interview stands for, on average."""
        return self.population / self.interviews


@dataclass(eq=False)
class Known:
    """A published edition and what anybody knows beside it."""

    folder: Path
    edition: str = "courante"
    database: Path | None = None
    """The regional file, where it is not the edition's."""

    @cached_property
    def published(self) -> duckdb.DuckDBPyConnection:
        """The regional file."""
        file = self.database or self.folder / "published" / self.edition / "edition.duckdb"
        return duckdb.connect(str(file), read_only=True)

    def table(self, name: str, where: str = "true") -> pl.DataFrame:
        """A published table, or no line of it if the file has none of that name."""
        try:
            return self.published.sql(f"select * from observatoire.{name} where {where}").pl()
        except duckdb.CatalogException:
            return pl.DataFrame()

    def reference(self, name: str) -> pl.DataFrame:
        """A file of the programme's references, all text."""
        return pl.read_csv(self.folder / f"reference/{name}.csv", infer_schema=False)

    @cached_property
    def protection(self) -> float:
        """The share of its value within which no secret may be known: the programme says it, and the guide how it is used."""
        programme = yaml.safe_load((self.folder / "programme.yaml").read_text(encoding="utf-8"))
        return float(programme["secret"]["protection"]) if programme["secret"].get("organismes_secrets", True) else 0.0

    @cached_property
    def current(self) -> str:
        """The wave that the programme prints as its last: one of the survey, however many periods came after it."""
        programme = yaml.safe_load((self.folder / "programme.yaml").read_text(encoding="utf-8"))
        return str(programme["vague_courante"])

    @cached_property
    def answers(self) -> pl.DataFrame:
        """The interviews themselves: the truth, and what a member knows of its own tenants."""
        files = str(self.folder / "lake/reponses/*/*.parquet")
        query = "select * replace (vague::varchar as vague) from read_parquet(?, union_by_name = true)"
        return duckdb.sql(query, params=[files]).pl()

    @cached_property
    def takers(self) -> dict[str, dict[str, dict[str, str]]]:
        """Wave, organisme, and what is said of it, for those whose interviews are in the edition."""
        lines: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for line in self.table("obs_couverture", "nb_entretiens > 0").to_dicts():
            lines[line["vague"]][line["organisme_code"]] = line
        if self.schemes:
            self._say_who_holds(lines)
        return lines

    def _say_who_holds(self, lines: dict[str, dict[str, dict[str, str]]]) -> None:
        """Adds to each line whether its organisme held a scheme on the first day of the wave's fieldwork."""
        days = {line["vague"]: line["terrain_debut"] for line in self.reference("vagues").to_dicts()}
        schemes = [one for one in self.reference("demarches_qualite").to_dicts() if one["type"] in self.schemes]
        for wave, takers in lines.items():
            held = {one["organisme_code"] for one in schemes if one["debut"] <= days[wave] <= (one["fin"] or "9999")}
            for organisme, line in takers.items():
                line["demarche"] = "avec" if organisme in held else "sans"

    @cached_property
    def schemes(self) -> set[str]:
        """The quality schemes of which the programme makes perimeters."""
        programme = yaml.safe_load((self.folder / "programme.yaml").read_text(encoding="utf-8"))
        return {kind for one in programme.get("perimetres", ()) for kind in one.get("demarches", ())}

    @cached_property
    def plan(self) -> dict[tuple[str, str], list[Stratum]]:
        """The strata of each wave and organisme: a stratum without an interview gives its dwellings to the next."""
        dwellings = {
            (line["vague"], line["organisme_code"], line["strate"]): int(line["population"])
            for line in self.reference("plan_sondage").to_dicts()
        }
        counts = self.answers.group_by("vague", "organisme_code", "strate").agg(
            n=pl.len(), weights=pl.col("poids").n_unique()
        )
        made = {(r["vague"], r["organisme_code"], r["strate"]): r for r in counts.to_dicts()}
        plan: dict[tuple[str, str], list[Stratum]] = {}
        for wave, takers in self.takers.items():
            for organisme in takers:
                codes = sorted({key[2] for key in (*dwellings, *made) if key[:2] == (wave, organisme)})
                strata, waiting = [], 0
                for code in codes:
                    waiting += dwellings.get((wave, organisme, code), 0)
                    if interviews := made.get((wave, organisme, code)):
                        delivered = interviews["weights"] > 1
                        strata.append(Stratum(code, interviews["n"], waiting, delivered))
                        waiting = 0
                if strata and waiting:
                    last = strata.pop()
                    strata.append(Stratum(last.code, last.interviews, last.population + waiting, last.delivered))
                plan[wave, organisme] = strata
        return plan

    @cached_property
    def strata_axes(self) -> dict[str, dict[str, str]]:
        """The axes that a stratum decides: axis, stratum, segment."""
        found = {}
        for axis in self.reference("axes")["axe"]:
            if axis not in self.answers.columns:
                continue
            pairs = self.answers.select("strate", axis).unique().drop_nulls()
            if pairs["strate"].n_unique() == len(pairs) > 1:
                found[axis] = dict(pairs.iter_rows())
        return found

    def asked(self, question: str) -> set[str] | None:
        """The strata whose tenants a question is put to; None if that depends on what else they answered."""
        strata = sorted({stratum.code for strata in self.plan.values() for stratum in strata})
        axes = {axis: [of.get(code, "NR") for code in strata] for axis, of in self.strata_axes.items()}
        [where] = self.reference("questions").filter(pl.col("question_code") == question)["filtre"]
        with duckdb.connect() as connection:
            connection.register("strates", pl.DataFrame({"strate": strata, **axes}))
            try:
                return set(connection.sql(f"select strate from strates where {where or 'true'}").pl()["strate"])
            except duckdb.BinderException:
                return None

    @cached_property
    def options(self) -> dict[str, list[dict[str, object]]]:
        """The answers that count, question by question."""
        rows: dict[str, list[dict[str, object]]] = defaultdict(list)
        for line in self.table("dim_modalite", "statut_reponse = 'exprime'").sort("ordre").to_dicts():
            rows[line["question_code"]].append(line)
        return rows

    @cached_property
    def scores(self) -> dict[tuple[str, str], dict[tuple[str, str], float]]:
        """Scoring and version, then scale and option: the score."""
        rows: dict[tuple[str, str], dict[tuple[str, str], float]] = defaultdict(dict)
        for line in self.reference("baremes").to_dicts():
            rows[line["bareme"], line["version"]][line["echelle"], line["modalite_code"]] = float(line["note"])
        return rows

    def scoring(self, wave: str, organisme: str) -> tuple[str, str]:
        """The scoring that an organisme's institute uses in a wave: the most particular line that speaks of it."""
        institute = self.takers[wave][organisme]["institut"]
        best: tuple[int, tuple[str, str]] = (-1, ("", ""))
        for line in self.reference("baremes_usages").to_dicts():
            fits = [line["institut"] in ("*", institute), line["vague"] in ("*", wave)]
            rank = (line["institut"] != "*") * 2 + (line["vague"] != "*")
            if all(fits) and rank > best[0]:
                best = rank, (line["bareme"], line["version"])
        return best[1]

    @cached_property
    def heirs(self) -> list[tuple[str, str, str]]:
        """Who took over from whom, and when."""
        lines = self.reference("filiations").filter(pl.col("predecesseur") != pl.col("successeur"))
        return [(r["predecesseur"], r["successeur"], r["date_effet"]) for r in lines.sort("date_effet").to_dicts()]

    @cached_property
    def starts(self) -> dict[str, str]:
        """The first day of each wave."""
        return {r["vague"]: str(r["terrain_debut"]) for r in self.table("dim_vague").to_dicts()}

    def today(self, organisme: str, wave: str) -> str:
        """What an organisme has become at a wave."""
        for before, after, day in self.heirs:
            if before == organisme and day <= self.starts[wave]:
                organisme = after
        return organisme

    def within(self, wave: str, kind: str, code: str) -> set[str]:
        """The organismes of a perimeter, as a wave is published."""
        return {o for o, said in self.takers[wave].items() if kind == "region" or said.get(kind) == code}

    def compared(self, method: str, wave: str, before: str, kind: str, code: str) -> tuple[set[str], set[str]]:
        """The organismes of a perimeter in each of two waves, as a method compares them."""
        now = self.within(wave, kind, code)
        if method == "publie":
            return now, self.within(before, kind, code)
        was = set(self.takers[before])
        if method == "panel_constant":
            return now & was, now & was
        became = {o: self.today(o, wave) for o in was}
        return now & set(became.values()), {o for o in was if became[o] in now}

    def counted(self, wave: str, question: str, by: Sequence[str]) -> dict[tuple[str, ...], int]:
        """The truth: respondents of a wave by organisme, other columns, and answer (``*``: any that counts)."""
        codes = [str(o["modalite_code"]) for o in self.options[question]]
        frame = self.answers.filter(pl.col("vague") == wave).select("entretien", "organisme_code", *by, a=question)
        if isinstance(frame.schema["a"], pl.List):
            frame = frame.explode("a")
        frame = frame.filter(pl.col("a").is_in(codes)).with_columns(pl.col(by).fill_null("NR"))
        each = frame.group_by("organisme_code", *by, "a").len()
        whole = frame.unique(["organisme_code", "entretien"]).group_by("organisme_code", *by).len()
        found = {tuple(row[:-1]): int(row[-1]) for row in each.iter_rows()}
        return found | {(*row[:-1], "*"): int(row[-1]) for row in whole.iter_rows()}

    def weighed(self, wave: str, question: str, organisme: str, by: str) -> dict[tuple[str, str], float]:
        """What an organisme's own respondents weigh, in respondents of average weight, by stratum or segment and answer (``*``: any)."""
        codes = [str(o["modalite_code"]) for o in self.options[question]]
        strata = self.plan[wave, organisme]
        mean = sum(s.population for s in strata) / sum(s.interviews for s in strata)
        frame = self.answers.filter((pl.col("vague") == wave) & (pl.col("organisme_code") == organisme))
        if any(s.delivered for s in strata):
            weight = pl.col("poids") / pl.col("poids").mean()
        else:
            weight = pl.col("strate").replace_strict({s.code: s.weight / mean for s in strata}, return_dtype=pl.Float64)
        frame = frame.select("entretien", place=pl.col(by).fill_null("NR"), a=question, w=weight)
        if isinstance(frame.schema["a"], pl.List):
            frame = frame.explode("a")
        frame = frame.filter(pl.col("a").is_in(codes))
        found = {(place, code): w for place, code, w in frame.group_by("place", "a").agg(pl.col("w").sum()).iter_rows()}
        whole = frame.unique(["entretien"]).group_by("place").agg(pl.col("w").sum())
        return found | {(place, "*"): w for place, w in whole.iter_rows()}
