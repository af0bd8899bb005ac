"""The ground of every declaration that a person writes in YAML: the base class of its models, the types of its values.

A model is the one place that says which keys a file may have, what each means, its type, its bounds and its default.
`faults` words in French what pydantic finds wrong; editors read the JSON Schema that `json_schema` makes of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    Tag,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

T = TypeVar("T")

# YAML has types: « 2022 » is a number and « "2022" » a text, and neither is taken for the other
Text = Annotated[str, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]


def _as_written(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    handler(value)
    return value


# a number that stays whole when it is written whole: it bounds a number of rows, or is compared with the text of a cell
AsWritten = Annotated[Number, WrapValidator(_as_written)]

# pydantic puts the tag of a union's form among the keys of a fault's place; no YAML key begins with this sign
TAG = "\0"
RULE = "forme_inconnue"
# in the schema of a model: keys that it had in a version before, and what to write instead; editors pass over it
GONE = "x-cles-disparues"


class Declared(BaseModel):
    """A part of a declaration: its values never change, and a key that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class DeclaredOneOf(Declared):
    """A part of a declaration that says one key at least of several (`one_of`).

    A rule that no type can say is a ValueError with a French sentence: what is wrong, and what to do.
    """

    one_of: ClassVar[tuple[str, ...]]

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if not self.model_fields_set & set(self.one_of):
            raise ValueError(f"il y manque une de ces clés : {', '.join(self.one_of)}.")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler(schema)
        handler.resolve_ref_schema(made)["anyOf"] = [{"required": [name]} for name in cls.one_of]
        return made


class _Stated:
    """Marks a value that may be left out, but not be written as null."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        schema: Any = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


# a key that may be left out; its value is then None, which cannot be written
Maybe = Annotated[T | None, _Stated()]


def form(name: str) -> Tag:
    """Returns the tag of one form of a union: the name of its model, or any name for what is no model."""
    return Tag(TAG + name)


def text_or(table: str) -> Callable[[Any], str | None]:
    """Returns what tells the two forms of a union apart, `texte` and a table; what is neither has no form."""

    def form_of(value: Any) -> str | None:
        if isinstance(value, str):
            return TAG + "texte"
        return TAG + table if isinstance(value, Mapping | BaseModel) else None

    return form_of


def one_form(of: Callable[[Any], str | None], said: str, key: str) -> Discriminator:
    """Returns what tells the forms of a union apart by one of its keys.

    Args:
        of: the tag of the form that a value has, None for a key that says none of them.
        said: what is wrong then and what to do, a French sentence.
        key: that key.
    """
    return Discriminator(of, RULE, "{said}", {"said": said, "key": key})


class _Plain(GenerateJsonSchema):
    """Leaves out what only Python has: titles made of field names, and a default that says that a key may be absent."""

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        made = super().generate(schema, mode)
        return {"$schema": self.schema_dialect, **made}

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """Returns the JSON Schema of a declaration, the one editors complete and check with."""
    return adapter.json_schema(schema_generator=_Plain)
