"""dbt-spark's session method, with what this project's models ask of it and it lacks.

- Student's law as SQL functions of the session, under the names they have on DuckDB.
- Python models, run in dbt's own process: dbt-spark knows how to hand them to Databricks only.
- Schemas that begin empty: the catalogue is in memory, the files of an earlier build are not.

Everything else, macros included, is dbt-spark's; its other methods (Thrift, ODBC) work as they do there.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

from dbt.adapters.base import AdapterPlugin, BaseRelation, PythonJobHelper
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.spark import SparkAdapter, SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.connections import SparkConnectionMethod
from pyspark.sql import SparkSession

TYPE = "sparksession"
_OPENING = threading.Lock()


class Credentials(SparkCredentials):
    """A profile's target of type `sparksession`: the same keys as one of type `spark`."""

    @property
    def type(self) -> str:
        """The adapter's name."""
        return TYPE


class ConnectionManager(SparkConnectionManager):
    """Opens connections; those of the session method share one session, which knows Student's law."""

    TYPE = TYPE

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Returns the connection, opened."""
        opened = super().open(connection)
        if connection.credentials.method == SparkConnectionMethod.SESSION:
            with _OPENING:
                # its workers need the libraries of this environment
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
                opened.handle.cursor().execute("select 1")
                _register_functions(_session())
        return opened


class InProcess(PythonJobHelper):
    """Runs a Python model where dbt runs; the figures it is made from are small, or fetched from Spark by the model."""

    def __init__(self, parsed_model: dict[str, Any], credentials: Credentials) -> None:
        self._path = parsed_model["original_file_path"]

    def submit(self, compiled_code: str) -> None:
        """Executes the model and the lines dbt-spark adds to it, which write its table."""
        exec(compile(compiled_code, self._path, "exec"), {"__name__": "model", "spark": _session()})


class SparkSessionAdapter(SparkAdapter):
    """dbt-spark's adapter, Python models included; dbt derives the module's name from the class's."""

    ConnectionManager = ConnectionManager

    @property
    def default_python_submission_method(self) -> str:
        """The one there is."""
        return "in_process"

    @property
    def python_submission_helpers(self) -> dict[str, type[PythonJobHelper]]:
        """By name; a client of a distant Spark runs no Python model."""
        return {"in_process": InProcess} if self.config.credentials.method == SparkConnectionMethod.SESSION else {}

    def create_schema(self, relation: BaseRelation) -> None:
        """Creates a schema, empty."""
        settings = self.config.credentials.server_side_parameters
        if settings.get("spark.sql.catalogImplementation") == "in-memory":
            shutil.rmtree(Path(settings["spark.sql.warehouse.dir"]) / f"{relation.schema}.db", ignore_errors=True)
        super().create_schema(relation)


Plugin = AdapterPlugin(
    adapter=SparkSessionAdapter,  # type: ignore[arg-type]
    credentials=Credentials,
    include_path=str(Path(__file__).parent),
    dependencies=["spark"],
)


def _session() -> SparkSession:
    return SparkSession.builder.getOrCreate()


def _register_functions(session: SparkSession) -> None:
    import student
    from pyspark.sql.functions import arrow_udf

    for function in (student.p_student, student.quantile_student):
        if session.catalog.functionExists(function.__name__):
            continue
        session.udf.register(function.__name__, arrow_udf(student.null_aware(function), "double"))
