"""Compares the client's types with schemas of the OpenAPI document."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

JSON_TYPES: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class Document:
    """The OpenAPI document, with its operations by method and path."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.schemas = document["components"]["schemas"]
        self.operations = {
            (method.upper(), path): operation
            for path, item in document["paths"].items()
            for method, operation in item.items()
        }

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def differences(self, hint: Any, schema: dict[str, Any], at: str = "") -> list[str]:
        """Return where a type and a schema say different things."""
        schema = self.resolve(schema)
        if hint is Any:
            return []
        if get_origin(hint) in (Required, NotRequired):
            return self.differences(get_args(hint)[0], schema, at)
        if get_origin(hint) in (Union, types.UnionType):
            return self._union(hint, schema, at)
        if "anyOf" in schema and hint is not None:
            return [f"{at}: the document allows {schema['anyOf']}, the client {hint}"]
        if hint in (None, type(None)):
            return [] if schema.get("type") == "null" else [f"{at}: null here, {schema} there"]
        if typing.is_typeddict(hint):
            return self._object(hint, schema, at)
        if get_origin(hint) is list:
            inner = schema.get("items", {})
            wrong = [] if schema.get("type") == "array" else [f"{at}: a list here, {schema} there"]
            return wrong + self.differences(get_args(hint)[0], inner, f"{at}[]")
        if get_origin(hint) is dict:
            is_map = schema.get("type") == "object" and "properties" not in schema
            return [] if is_map else [f"{at}: a map here, {schema} there"]
        if get_origin(hint) is Literal:
            theirs: list[Any] = schema.get("enum") or [schema.get("const")]
            return [] if sorted(get_args(hint)) == sorted(theirs) else [f"{at}: {get_args(hint)} here, {theirs} there"]
        if "enum" in schema or "const" in schema:
            return [f"{at}: {hint} here, a closed set there"]
        return [] if JSON_TYPES.get(hint) == schema.get("type") else [f"{at}: {hint} here, {schema} there"]

    def _union(self, hint: Any, schema: dict[str, Any], at: str) -> list[str]:
        ours, theirs = list(get_args(hint)), schema.get("anyOf") or schema.get("oneOf") or []
        if len(ours) != len(theirs):
            return [f"{at}: {hint} here, {schema} there"]
        wrong: list[str] = []
        for option in theirs:
            if not any(not self.differences(one, option, at) for one in ours):
                wrong.append(f"{at}: nothing in {hint} is {self.resolve(option)}")
        return wrong

    def _object(self, hint: Any, schema: dict[str, Any], at: str) -> list[str]:
        ours = get_type_hints(hint, include_extras=True)
        theirs = schema.get("properties", {})
        wrong = [f"{at}.{name}: only in the client" for name in ours.keys() - theirs.keys()]
        wrong += [f"{at}.{name}: only in the document" for name in theirs.keys() - ours.keys()]
        needed = {n for n, t in ours.items() if get_origin(t) is Required or (hint.__total__ and n in theirs)}
        # What is answered with defaults filled in has no required fields in the document; only requests are compared.
        if schema.get("additionalProperties") is False and needed != set(schema.get("required", ())):
            wrong.append(f"{at}: required are {sorted(needed)} here, {sorted(schema.get('required', ()))} there")
        for name in ours.keys() & theirs.keys():
            wrong += self.differences(ours[name], theirs[name], f"{at}.{name}")
        return wrong
