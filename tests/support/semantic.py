"""The SQL of a metric, written from dbt's semantic manifest and nothing else: what the metric means, as a tool reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# a metric adds up its measure as its aggregation says
_AGGREGATIONS = {
    "sum": "sum({})",
    "max": "max({})",
    "count_distinct": "count(distinct {})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
}
_NAMED = re.compile(r"\{\{ *(?:Dimension|Entity)\('(\w+)'\) *\}\}")


class SemanticLayer:
    """The semantic models and metrics of a manifest.

    Attributes:
        metrics: by name, what the manifest says of each.
    """

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._models: list[Mapping[str, Any]] = manifest["semantic_models"]
        self.metrics: dict[str, Mapping[str, Any]] = {metric["name"]: metric for metric in manifest["metrics"]}

    def sql(self, metrics: Sequence[str], by: Sequence[str] = (), where: Sequence[str] = ()) -> str:
        """Returns the query that gives metrics of one semantic model by entities and dimensions.

        Args:
            metrics: their names.
            by: entities (`vague`) and dimensions (`question__theme`), which are the columns before the metrics.
            where: conditions, in the form of a metric's filter; the metrics' own are added.
        """
        simple = list(dict.fromkeys(leaf for metric in metrics for leaf in self._simple(metric)))
        [model] = {id(m): m for m in (self._model_of(leaf) for leaf in simple)}.values()
        conditions = [*where, *dict.fromkeys(c for metric in metrics for c in self._conditions(metric))]
        names = list(dict.fromkeys([*by, *(name for text in conditions for name in _NAMED.findall(text))]))
        joined = sorted({name.split("__")[0] for name in names if "__" in name} - {model["primary_entity"]})
        entities = {entity["name"]: entity for entity in model["entities"]}
        measures = {measure["name"]: measure for measure in model["measures"]}
        own = {
            **{f"_{name}": _expression(entity) for name, entity in entities.items()},
            **{f"_{d['name']}": _expression(d) for d in model["dimensions"]},
            **{name: _expression(measures[name]) for name in map(self._measure, simple)},
        }
        read = [f"(select {_listed(own)} from {model['node_relation']['relation_name']}) as lignes"]
        read += [
            f"left join {self._dimension(entity)} as {entity} on lignes._{entity} = {entity}._cle" for entity in joined
        ]
        kept = " and ".join(_NAMED.sub(lambda m: _column(m[1], model), text) for text in conditions) or "true"
        said = {name: _column(name, model) for name in by}
        summed = {leaf: self._summed(leaf, measures) for leaf in simple}
        inner = f"select {_listed(said | summed)} from {' '.join(read)} where {kept} group by all"
        return f"select {_listed({n: n for n in by} | {m: self._formula(m) for m in metrics})} from ({inner})"

    def _simple(self, metric: str) -> Iterable[str]:
        inputs = self.metrics[metric]["type_params"]["metrics"]
        return [leaf for told in inputs for leaf in self._simple(told["name"])] if inputs else [metric]

    def _conditions(self, metric: str) -> list[str]:
        told = self.metrics[metric]["filter"] or {"where_filters": []}
        return [condition["where_sql_template"] for condition in told["where_filters"]]

    def _measure(self, metric: str) -> str:
        name: str = self.metrics[metric]["type_params"]["measure"]["name"]
        return name

    def _model_of(self, metric: str) -> Mapping[str, Any]:
        [model] = [m for m in self._models if self._measure(metric) in {measure["name"] for measure in m["measures"]}]
        return model

    def _dimension(self, entity: str) -> str:
        """The table whose rows an entity is, each dimension under its name."""
        [(model, key)] = [
            (model, told)
            for model in self._models
            for told in model["entities"]
            if (told["name"], told["type"]) == (entity, "primary")
        ]
        columns = {"_cle": _expression(key), **{d["name"]: _expression(d) for d in model["dimensions"]}}
        return f"(select {_listed(columns)} from {model['node_relation']['relation_name']})"

    def _summed(self, metric: str, measures: Mapping[str, Mapping[str, Any]]) -> str:
        measure = self._measure(metric)
        return _AGGREGATIONS[measures[measure]["agg"]].format(f"lignes.{measure}")

    def _formula(self, metric: str) -> str:
        told = self.metrics[metric]["type_params"]
        return str(told["expr"]) if told["metrics"] else metric


def _expression(told: Mapping[str, Any]) -> str:
    return str(told["expr"] or told["name"])


def _column(name: str, model: Mapping[str, Any]) -> str:
    entity, _, dimension = name.partition("__")
    if not dimension:
        return f"lignes._{entity}"
    return f"lignes._{dimension}" if entity == model["primary_entity"] else f"{entity}.{dimension}"


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} as {name}" for name, expression in columns.items())
