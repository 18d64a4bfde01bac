"""Types of request fields that several nouns share. Bodies are strict: no coercion, no unknown fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from dayline.domain.json_types import JsonObject, is_object

MAX_FREE_OBJECT_BYTES = 16 * 1024
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_LOST_PLUS = re.compile(r"(?<=\d) (\d\d:\d\d)$")
"""The offset of a moment whose `+` was read as a blank, as query strings do unless it is written as %2B."""


class RequestModel(BaseModel):
    """A request body: fields that are not written here are refused by name, types are taken as they are."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _null_means_absent(cls, value: Any) -> Any:
        """Drop nulls of optional fields: many clients write every field that they do not set as null."""
        if not is_object(value) or None not in value.values():
            return value
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: inner for name, inner in value.items() if inner is not None or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say in the schema that optional fields may be null."""
        schema = handler(core_schema)
        found = handler.resolve_ref_schema(schema)
        for name, shape in found.get("properties", {}).items():
            if name not in found.get("required", ()):
                found["properties"][name] = _or_null(shape)
        return schema


def _or_null(shape: JsonSchemaValue) -> JsonSchemaValue:
    """Return a schema that also allows null; title, description and default stay outside of the alternatives."""
    if any(option.get("type") == "null" for option in shape.get("anyOf", ())):
        return shape
    outer = {key: shape[key] for key in ("title", "description", "default") if key in shape}
    inner = {key: value for key, value in shape.items() if key not in outer}
    return {"anyOf": [inner, {"type": "null"}], **outer}


class ResponseModel(BaseModel):
    """A response body. Describes what is sent; nothing is checked against it at run time."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


def _free_object(value: JsonObject) -> JsonObject:
    size = len(json.dumps(value, ensure_ascii=False).encode())
    if size > MAX_FREE_OBJECT_BYTES:
        raise PydanticCustomError("too_large", "must not be larger than 16 KiB of JSON")
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        value = _LOST_PLUS.sub(r"+\1", value)
        if not _MOMENT.fullmatch(value):
            raise PydanticCustomError("moment", "must be a date and time with offset, such as 2026-11-22T08:00:00Z")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise PydanticCustomError("moment", "is not a moment of the calendar") from error
    return value


def _whole(value: Any) -> Any:
    """Return 3.0 as 3: JSON has one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""For `Annotated[int, Field(...), WHOLE]`: takes a whole number with a decimal point too."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9._:-]+$")]
"""An id that the partner chose: of an org or of a rep."""

_NO_SPACE = r"[^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"
"""Written out, because `\\s` stands for other characters here than in the JSON Schema of the document."""

Email = Annotated[str, Field(min_length=3, max_length=320, pattern=f"^{_NO_SPACE}@{_NO_SPACE}$")]
"""An address: something, an at sign, something, without spaces and control characters."""

Uuid = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"),
    AfterValidator(str.lower),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
"""An id of ours."""

FreeObject = Annotated[JsonObject, AfterValidator(_free_object)]
"""Anything the partner wants to have back, up to 16 KiB."""

Address = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4096),
    WithJsonSchema({"type": "string", "format": "uri", "minLength": 1, "maxLength": 4096}),
]
"""A URL; its shape is judged where it is used, with the code that belongs there."""

Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A moment with its offset, RFC 3339."""


@dataclass(frozen=True, slots=True)
class DocumentedAs:
    """In `Annotated[stored shape, DocumentedAs(shape)]`: the OpenAPI document shows the second shape.

    For stored JSON that is typed more closely, or with fewer nulls, than the contract promises.
    """

    shape: Any

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the documented shape."""
        return handler.generate_schema(self.shape)


Timestamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment in a response, as `dayline.clock.iso` writes it."""

Language = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
"""A BCP 47 tag."""


class PromptOverride(RequestModel):
    """A team's question to the conversations of one job."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    content: Annotated[str, Field(min_length=1, max_length=20_000)]


PromptOverrides = Annotated[list[PromptOverride], Field(max_length=20)]
