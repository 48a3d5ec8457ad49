"""The OpenAPI document: paths from the functions' routes, requests from their models, replies from `replies`."""

import json
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from orderdesk.decisions import DecisionForm

from . import replies

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs/openapi.json"
_SCHEMAS = "#/components/schemas/{model}"
_ID = {"type": "string", "pattern": r"^\s*(?:gid://shopify/[A-Za-z]+/)?(?:order-)?[1-9][0-9]{0,19}\s*$"}

_SHORT = {"type": "string", "maxLength": 120}
_STORE = {
    "name": "store", "in": "path", "required": True, "description": "The store's handle, such as `main`",
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"},
}  # fmt: skip
_QUERY: dict[str, tuple[str, dict[str, Any]]] = {
    "order": ("The order: its number in Shopify, or its gid", _ID),
    "customer": ("The customer: `externalCustomerId`, or its gid", _ID),
    "operation": ("From the form's `actionUrl`. An operation is carried out only once", {"type": "string"}),
    "conversation": ("The helpdesk's conversation, for the timeline", _SHORT),
    "agent": ("The agent's ID, if no header gives it", _SHORT),
    "agent_name": ("The agent's name, if no header gives it", _SHORT),
    "profile": (
        "The helpdesk's own ID of the customer (`query.id` of a lookup): where a late outcome is written. Anything "
        "that can't be one is ignored",
        _SHORT,
    ),
    "by_order": ("What was done on this order; give exactly one of the three", _ID),
    "by_customer": ("What was done for this customer; give exactly one of the three", _ID),
    "by_conversation": ("What was done in this conversation; give exactly one of the three", _SHORT),
    "lines": (
        "`more`: the form with the order's other lines, if there are more than in the first one",
        {"type": "string", "enum": ["more"]},
    ),
    "decision": (
        "With the `operation` of a submit that waits for approval: what a second person does about it",
        {"type": "string", "enum": ["approve", "decline"]},
    ),
    "limit": ("Entries per page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}),
    "cursor": ("The `cursor` of the previous page", {"type": "string"}),
}
_HEADERS = {
    "X-Agent-Id": "The agent's ID, for the timeline",
    "X-Agent-Name": "Their name",
    "X-Conversation-Id": "The helpdesk's conversation",
}
_STATUSES = {
    "400": "A value is not valid, or nothing could be done at the moment. The form stays open",
    "401": "The signature or bearer token is not valid for this store, or the store does not exist",
    "403": "The caller's IP address is not allowed",
    "404": "The order or customer does not exist",
    "406": "Refused, failed or not yet known (`outcome_unknown`, `still_running`). The form closes",
    "413": "The request is larger than any of Orderdesk's forms",
    "429": "Too many requests",
    "500": "An error in Orderdesk: it can't tell whether the change was made",
    "502": "The function could not run",
    "504": "The function took too long",
}


class _WithoutNull(GenerateJsonSchema):
    """Unknown values are left out of a reply; they are never null."""

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return (
            self.generate_inner(schema["schema"]) if schema.get("default") is None else super().default_schema(schema)
        )


def text() -> str:
    """The document as it is written to docs/openapi.json."""
    return json.dumps(api(), indent=2, ensure_ascii=False) + "\n"


def api() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    routes = list(_routes())
    models = {_model(module) for method, _, module, _ in routes if method == "POST"}
    models |= {replies.Errors, *replies.GOOD.values(), DecisionForm}
    wanted = [(model, "validation") for model in sorted(models, key=lambda m: m.__name__)]
    _, schemas = models_json_schema(wanted, ref_template=_SCHEMAS, schema_generator=_WithoutNull)  # type: ignore[arg-type]
    for model in models:
        _name_every_alias(model, schemas["$defs"])
    paths: dict[str, dict[str, Any]] = {}
    for method, path, module, summary in routes:
        paths.setdefault(path, {"parameters": [_refer("parameters", "store")]})[method.lower()] = _operation(
            method, path, module, summary
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Orderdesk",
            "version": _version(),
            "description": "Act on a Shopify order from the helpdesk. Money moves at most once for each operation.",
        },
        "servers": [{"url": "https://{api}.execute-api.{region}.amazonaws.com/{stage}", "variables": _variables()}],
        "security": [{"bearer": []}, {"gladly": [], "gladlyTime": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas["$defs"].items())),
            "parameters": {"store": _STORE} | {n: _query(n) for n in _QUERY} | {n: _header(n) for n in _HEADERS},
            "responses": {status: _response(why, replies.Errors) for status, why in _STATUSES.items()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "gladly": {"type": "apiKey", "in": "header", "name": "Gladly-Authorization"},
                "gladlyTime": {"type": "apiKey", "in": "header", "name": "Gladly-Time"},
            },
        },
    }


def _routes() -> Iterator[tuple[str, str, Any, str]]:
    """Method, path, module and first docstring line of each route."""
    sys.path[:0] = [p for p in (str(ROOT / "functions"), str(ROOT / "layers/orderdesk")) if p not in sys.path]
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "orderdesk")
    for file in sorted((ROOT / "functions").glob("*/app.py")):
        module = import_module(f"{file.parent.name}.app")
        if endpoint := getattr(module, "endpoint", None):
            for method, answer in (("GET", endpoint.get), ("POST", endpoint.post)):
                if answer:
                    yield method, "/stores/{store}" + endpoint.path, module, answer.__doc__.partition("\n")[0]


def _model(module: Any) -> type[BaseModel]:
    """The request model of a function's POST."""
    from orderdesk.operations.submitted import Submitted

    [model] = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Submitted) and value is not Submitted
    ]
    return model


def _operation(method: str, path: str, module: Any, summary: str) -> dict[str, Any]:
    tail = path.removeprefix("/stores/{store}")
    described: dict[str, Any] = {
        "operationId": f"{method.lower()}_{module.__name__.partition('.')[0]}",
        "summary": summary,
        "parameters": [_refer("parameters", name) for name in _parameters(method, tail)],
    }
    if method == "POST":
        schema: dict[str, Any] = {"$ref": _SCHEMAS.format(model=_model(module).__name__)}
        if "decision" in _parameters(method, tail):
            schema = {"anyOf": [schema, {"$ref": _SCHEMAS.format(model=DecisionForm.__name__)}]}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    why = "Done" if method == "POST" and tail else "Found"
    # Only an action has a form that can close.
    bad = {status: _refer("responses", status) for status in _STATUSES if status != "406" or "/actions/" in tail}
    return described | {"responses": {"200": _response(why, replies.of(method, tail, 200)), **bad}}


def _parameters(method: str, tail: str) -> list[str]:
    """The names of a call's query parameters and headers, in components."""
    from orderdesk.actions import ACTIONS

    if tail == "/timeline":
        return ["by_customer", "by_order", "by_conversation", "limit", "cursor"]
    if not tail:
        return []
    row = next(action for action in ACTIONS if action.path == tail)
    travelling = [
        *(["lines"] if row.more and method == "GET" else []),
        *(["decision"] if row.gives_away else []),
        "conversation",
        "agent",
        "agent_name",
        "profile",
        *_HEADERS,
    ]
    return [row.about, *(["operation"] if method == "POST" else []), *travelling]


def _query(name: str) -> dict[str, Any]:
    description, schema = _QUERY[name]
    required = name in ("order", "customer", "operation")
    shown = name.removeprefix("by_")
    return {"name": shown, "in": "query", "required": required, "description": description, "schema": schema}


def _header(name: str) -> dict[str, Any]:
    description = _HEADERS[name]
    return {"name": name, "in": "header", "required": False, "description": description, "schema": _SHORT}


def _refer(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _response(description: str, model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _name_every_alias(model: type[BaseModel], schemas: dict[str, Any]) -> None:
    """pydantic describes a field with several names only by the first one; the others mean the same."""
    for field in model.model_fields.values():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            _name_every_alias(inner, schemas)
        if isinstance(field.validation_alias, AliasChoices):
            properties = schemas[model.__name__]["properties"]
            first, *others = (str(choice) for choice in field.validation_alias.choices)
            properties |= dict.fromkeys(others, properties[first])


def _version() -> str:
    [version] = re.findall(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    return version


def _variables() -> dict[str, Any]:
    return {
        "api": {"default": "a1b2c3", "description": "The output ApiId of the stack"},
        "region": {"default": "us-east-1"},
        "stage": {"default": "prod"},
    }
