"""What Shopify's answer says: the fields that it left out, and whether a document was run at all.

Every list here is complete on the safe side: a code that is not listed may mean that work was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypedDict, TypeVar, cast

from orderdesk.errors import AnswerLost

from .documents import Answer

if TYPE_CHECKING:
    from typing_extensions import ReadOnly

    class UserError(TypedDict, total=False):
        """What every mutation says of a refusal."""

        message: ReadOnly[str]

    class FieldError(UserError, total=False):
        """What a mutation says of a refusal, and of which part of its input."""

        field: ReadOnly[Sequence[str] | None]


Payload = TypeVar("Payload")

DENIED = "ACCESS_DENIED"
THROTTLED = "THROTTLED"

#: Codes of errors that end a field before it is resolved. Their `path` names the root field or is missing.
_BEFORE_IT_RAN = frozenset(
    {
        THROTTLED, DENIED, "SHOP_INACTIVE", "MAX_COST_EXCEEDED", "BAD_REQUEST", "RESOURCE_NOT_FOUND", "NOT_FOUND",
    }
)  # fmt: skip

#: Codes of errors in the variables. Their `path` names the argument (`["tagsAdd", "tags"]`), not a result.
_OF_THE_INPUT = frozenset({"INVALID_VARIABLE", "MAX_INPUT_SIZE_EXCEEDED", "INVALID_FIELD_ARGUMENTS"})

#: Codes of a document that is not valid against the schema. PARSE_ERROR is Shopify's; the others come from graphql-ruby
#: (lib/graphql/static_validation/rules/*_error.rb), which Shopify's API runs on.
_NOT_VALID = frozenset(
    {
        "PARSE_ERROR", "argumentLiteralsIncompatible", "argumentNotAccepted", "argumentNotUnique",
        "cannotSpreadFragment", "defaultValueInvalidOnNonNullVariable", "defaultValueInvalidType",
        "directiveCannotBeApplied", "directiveNotUniqueForLocation", "fieldConflict", "fragmentNotUnique",
        "fragmentOnNonCompositeType", "infiniteLoop", "inputFieldNotUnique", "invalidOneOfInputObject",
        "missingMutationConfiguration", "missingQueryConfiguration", "missingRequiredArguments",
        "missingRequiredInputObjectAttribute", "missingSubscriptionConfiguration", "notSingleSubscription",
        "queryContainsSchemaDefinitions", "selectionMismatch", "undefinedDirective", "undefinedField",
        "undefinedType", "uniquelyNamedOperations", "useAndDefineFragment", "validationTimeout",
        "variableMismatch", "variableNotDefined", "variableNotUnique", "variableNotUsed",
        "variableRequiresValidType",
    }
)  # fmt: skip

#: How the path of a static validation error begins (`mutation RefundOrder`, `fragment Paid`). The path of a field's
#: error begins with the field.
_IN_THE_DOCUMENT = re.compile(r"(query|mutation|subscription|fragment)\b")


class Missing(NamedTuple):
    """A field that is missing from an answer: its path (`customer.defaultEmailAddress`; "" if Shopify named none), and
    the code of the reason (`ACCESS_DENIED`; "" if there was none)."""

    path: str
    code: str


class Partial(NamedTuple, Generic[Answer]):
    """The `data` of an answer, and the fields that are missing from it. A null at a missing path means nothing."""

    data: Answer
    missing: tuple[Missing, ...]

    def lacks(self, path: str) -> bool:
        """True if the value at a path, or a part of it, is missing, or if Shopify does not say what is missing."""
        return any(m.path in ("", path) or m.path.startswith(f"{path}.") for m in self.missing)


def errors_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Shopify's `errors`: normally a list on a 200, but sometimes a string or an object."""
    errors = answer.get("errors")
    if not errors:
        return []
    if isinstance(errors, list):
        return [e if isinstance(e, dict) else {"message": str(e)} for e in errors]
    return [{"message": str(errors)}]


def code_of(error: dict[str, Any]) -> str:
    """The code of an error; "" if it has none."""
    extensions = error.get("extensions")
    return str(extensions.get("code") or "") if isinstance(extensions, dict) else ""


def words_of(errors: list[dict[str, Any]]) -> str:
    """What Shopify says about the errors, as one text for a person."""
    return "; ".join(dict.fromkeys(str(e.get("message", "")) for e in errors))[:500]


def sentences(user_errors: Iterable[UserError]) -> str:
    """What Shopify says about a refusal (`userErrors`): each error one sentence, each once; "" if it says nothing."""
    said = list(dict.fromkeys(text for e in user_errors if (text := str(e.get("message") or "").strip())))
    ended = (text if text[-1] in ".!?…" else f"{text}." for text in said[:-1])
    return " ".join([*ended, *said[-1:]])[:1000]


def said(user_errors: Iterable[UserError]) -> str:
    """Shopify's own words for a refusal, as one text; `no reason given` if it has none."""
    return sentences(user_errors) or "no reason given"


def by_field(errors: Sequence[FieldError], attrs: Mapping[str, str]) -> list[dict[str, str]] | None:
    """Each of Shopify's sentences (`userErrors`) at the field of a form that it is about, as the `errors` of a reply;
    None if one is about none of them. `attrs`: the form's fields by the names that Shopify has for them."""
    fields = []
    for error in errors:
        attr = next((attrs[part] for part in reversed(error.get("field") or []) if part in attrs), None)
        if attr is None:
            return None
        # Some mutations have codes.
        code = cast("Mapping[str, Any]", error).get("code") or "invalid"
        fields.append({"attr": attr, "code": str(code).lower(), "detail": said([error])})
    return fields


def result(payload: Payload | None) -> Payload:
    """The payload of a mutation that Shopify was asked for. Raises AnswerLost for null, which says nothing of what was
    done."""
    if payload is None:
        raise AnswerLost("Shopify gave no result.")
    return payload


def missing_from(errors: list[dict[str, Any]]) -> tuple[Missing, ...]:
    """The fields that are missing according to the errors next to an answer's data, each once."""
    return tuple(dict.fromkeys(Missing(".".join(map(str, _path(e))), code_of(e)) for e in errors))


def ran_nothing(answer: dict[str, Any], errors: list[dict[str, Any]]) -> bool:
    """True only if each error of an answer without data says that its field, or the document, was not run.

    An error below the root field comes after the field's work, whatever its code.
    """
    return bool(errors) and all(_came_before(e, answer) for e in errors)


def _came_before(error: dict[str, Any], answer: dict[str, Any]) -> bool:
    code, path = code_of(error), _path(error)
    if code in _NOT_VALID:
        return "data" not in answer or answer["data"] is None
    if path and _IN_THE_DOCUMENT.match(str(path[0])):
        return "data" not in answer
    return code in _OF_THE_INPUT or (code in _BEFORE_IT_RAN and len(path) <= 1)


def _path(error: dict[str, Any]) -> list[Any]:
    path = error.get("path")
    return path if isinstance(path, list) else []
