"""What a form sends back: `{attr: value}`, read into a model of its fields."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema

from ..errors import BadInput, InvalidFields
from ..forms import as_sent_back


def _as_bool(value: Any) -> Any:
    """Values come back as strings or booleans; a box left alone may not come back at all."""
    return False if value in (None, "") else value


Checkbox = Annotated[
    bool,
    BeforeValidator(_as_bool),
    WithJsonSchema({"anyOf": [{"type": ["boolean", "null"]}, {"enum": ["true", "false", "on", "off", ""]}]}),
]


def _as_text(value: Any) -> Any:
    """A box that was emptied may come back as nothing."""
    if not isinstance(value, str):
        return "" if value is None else value
    return as_sent_back(value)


#: Goes with the field of a box of text that may be left empty.
MAY_BE_EMPTY = BeforeValidator(_as_text)


class Submitted(BaseModel):
    """The fields of a form as they come back. Titles name them in messages."""

    # Built when the first form comes back: a process starts by showing one.
    model_config = ConfigDict(
        extra="ignore", str_strip_whitespace=True, frozen=True, coerce_numbers_to_str=True, defer_build=True
    )

    def require_usable(self) -> None:
        """Raise BadInput for what is wrong with the values whatever the order is; nothing is wrong by default."""


def require_at_most(characters: int, *, attr: str, title: str, text: str) -> None:
    """Raise BadInput if the text of a field has more characters than Shopify keeps of it. `title`: `note`."""
    if len(text) > characters:
        raise BadInput(
            f"A {title} can have up to {characters} characters. This one has {len(text)}.", attr=attr, code="too_long"
        )


Form = TypeVar("Form", bound=Submitted)


def read(model: type[Form], values: Any) -> Form:
    """The submitted values as the model, or InvalidFields with a sentence for each field."""
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        raise InvalidFields([_sentence(model, error) for error in invalid.errors()]) from None


#: What is wrong with a value, by pydantic's name for it.
_WRONG = {
    "string_type": "isn't text",
    "string_unicode": "isn't text",
    "bool_type": "must be checked or unchecked",
    "bool_parsing": "must be checked or unchecked",
    "literal_error": "isn't one of the choices",
}

#: What is said of any other value.
_UNREADABLE = "can't be read"


def _sentence(model: type[Submitted], error: Any) -> dict[str, str]:
    # What several fields of the form were gathered into (a dict by attr) has errors at each of them.
    attr = str(error["loc"][-1]) if error["loc"] else ""
    field = model.model_fields.get(str(error["loc"][0])) if error["loc"] else None
    title = (field and field.title) or attr or "The form"
    kind, limits = error["type"], error.get("ctx", {})
    if kind in ("missing", "string_too_short") or error["input"] in (None, ""):
        code, detail = "blank", f"{title} is required."
    elif kind == "string_too_long":
        code, detail = "too_long", f"{title} is too long. The limit is {limits['max_length']} characters."
    else:
        code, detail = "invalid", f"{title} {_WRONG.get(kind, _UNREADABLE)}."
    return (
        {"attr": attr, "code": code, "detail": detail} if attr else {"message": detail, "code": code, "detail": detail}
    )
