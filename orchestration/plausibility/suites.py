"""Great Expectations: suites read from `expectations/`, run on pandas frames, told in Data Docs.

The library is imported where it runs (3 to 6 s). A suite is data: what it looks at, and for each expectation the rule
it stands for, its severity, its arguments and its reason. An argument `{seuil: nom, defaut: x}` is a threshold that
`programme.yaml` may set otherwise under `plausibilite`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from orchestration.errors import ProgrammeError
from orchestration.plausibility.docs import settle
from orchestration.plausibility.expectation import Expectation, Suite
from orchestration.programme import Programme
from orchestration.settings import PROJECT

if TYPE_CHECKING:
    import pandas as pd

SUITES = PROJECT / "expectations"
CRITICAL, WARNING = "critical", "warning"


@cache
def suites(folder: Path = SUITES) -> tuple[Suite, ...]:
    """Returns the suites of a folder, in the order of their file names."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(
            Suite(
                body["suite"],
                body["objet"],
                body.get("cadre", ""),
                body.get("requete", ""),
                tuple(body["attentes"]),
            )
        )
    return tuple(found)


def thresholds(folder: Path = SUITES) -> dict[str, float]:
    """Returns the thresholds that suites leave to the programme, with their defaults."""
    return {
        value["seuil"]: value["defaut"]
        for suite in suites(folder)
        for rule in suite.expectations
        for value in rule["arguments"].values()
        if isinstance(value, dict)
    }


def own_thresholds(programme: Programme) -> Mapping[str, float]:
    """Returns the thresholds that a programme sets otherwise than the suites.

    Raises:
        ProgrammeError: no suite has one of that name.
    """
    own = programme.config.plausibilite
    known = thresholds()
    for name in own:
        if name not in known:
            raise ProgrammeError(
                f"{programme.root / 'programme.yaml'}, plausibilite.{name} : seuil inconnu ;"
                f" les suites ont {', '.join(sorted(known))}."
            )
    return own


class Validator:
    """Runs suites in one ephemeral context, and writes what came of them as Data Docs."""

    def __init__(self, own: Mapping[str, float]) -> None:
        """Opens the context.

        Args:
            own: thresholds set otherwise than the suites do.
        """
        os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
        import great_expectations as gx

        self._own = own
        self._ran: list[tuple[Suite, list[Expectation]]] = []
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        # the context comes with a site of its own, in a temporary folder that nothing would take away
        for name, site in dict(self._context.config.data_docs_sites or {}).items():
            shutil.rmtree(site["store_backend"]["base_directory"], ignore_errors=True)
            self._context.delete_data_docs_site(name)

    def run(self, suite: Suite, frame: pd.DataFrame, *, values: bool = True) -> list[Expectation]:
        """Validates a frame.

        Args:
            suite: the expectations.
            frame: one row per thing looked at, as the suite names its columns.
            values: whether rows, examples and documentation may hold values; without, they only hold counts.

        Returns:
            one entry per expectation, in the order of the file.
        """
        import great_expectations as gx
        from great_expectations import expectations as catalogue

        context = self._context
        made = gx.ExpectationSuite(name=suite.name, notes=suite.subject)
        for rule in suite.expectations:
            kind = getattr(catalogue, "".join(part.capitalize() for part in rule["type"].split("_")))
            made.add_expectation(kind(**self._arguments(rule), severity=rule["severity"], notes=rule["raison"]))
        made = context.suites.add(made)
        source = context.data_sources.add_pandas(suite.name)
        batch = source.add_dataframe_asset(suite.frame or "candidat").add_batch_definition_whole_dataframe("entier")
        definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=made)
        definition = context.validation_definitions.add(definition)
        outcome = definition.run(
            batch_parameters={"dataframe": frame.reset_index(drop=True)},
            result_format={"result_format": "COMPLETE"}
            if values
            else {"result_format": "SUMMARY", "partial_unexpected_count": 0},
        )
        by_configuration = {r.expectation_config.id: r for r in outcome.results if r.expectation_config is not None}
        entries = []
        for rule, expectation in zip(suite.expectations, made.expectations, strict=True):
            result, arguments = by_configuration[expectation.id], self._arguments(rule)
            details = result.result or {}
            indices = details.get("unexpected_index_list") or []
            entries.append(
                Expectation(
                    suite.name,
                    rule["regle"],
                    rule["severity"],
                    bool(result.success),
                    rule["raison"],
                    tuple(int(i) for i in indices),
                    int(details.get("unexpected_count", 0) or 0),
                    tuple(details.get("partial_unexpected_list", []))[:3],
                    str(rule["arguments"].get("column", "")),
                    (arguments.get("min_value"), arguments.get("max_value")),
                )
            )
        self._ran.append((suite, entries))
        return entries

    def document(self, folder: Path) -> Path:
        """Writes the Data Docs of what was run, and a French page that leads to them.

        Args:
            folder: where; what it held is replaced.

        Returns:
            the page to open.
        """
        shutil.rmtree(folder, ignore_errors=True)
        self._context.add_data_docs_site(
            "controles",
            {
                "class_name": "SiteBuilder",
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            },
        )
        self._context.build_data_docs(site_names=["controles"])
        return settle(folder, self._ran)

    def _arguments(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._own.get(value["seuil"], value["defaut"]) if isinstance(value, dict) else value
            for name, value in rule["arguments"].items()
        }
