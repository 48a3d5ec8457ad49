"""Everything that can end a call early. Each class says in one line what is now true, and is named after it.

    OrderdeskError
    ├── FormStays                    400  nothing happened, and the agent may submit again
    │   ├── BadInput
    │   │   └── InvalidFields
    │   ├── Changed
    │   ├── Correctable
    │   │   └── CorrectableFields
    │   ├── ShopifyUnavailable
    │   ├── SettingsUnavailable
    │   │   └── TooManyStrangers
    │   ├── Unauthenticated          401  these three before any form is concerned
    │   ├── NotFound                 404
    │   └── TooLarge                 413
    ├── FormCloses                   406  do not submit this form again
    │   ├── Refused                       nothing happened
    │   │   └── Misconfigured
    │   │       ├── Denied
    │   │       └── Moved
    │   ├── Failed                        some of it may have happened, and the detail says what
    │   └── OutcomeUnknown                it may have happened
    │       └── StillRunning
    └── AnswerLost                        it may have happened; never answered as it is

`orderdesk.api` is the one place that turns these into replies, by `status`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

#: Characters that a text for a person may have, so that reply and timeline entry can be stored whatever it quotes.
TEXT_AT_MOST = 12_000


def bounded(text: str) -> str:
    """The text, cut to what can be stored."""
    return text if len(text) <= TEXT_AT_MOST else f"{text[: TEXT_AT_MOST - 1]}…"


class OrderdeskError(Exception):
    """The call ended early; the subclass says what is now true.

    `message` is the bold line, `detail` the sentence below it; both are read by a support agent.
    `attr` names the form field that it is about, `code` is stable and meant for programs. `entry` is more for the
    timeline entry, or what an operation that is not at its end is followed by.
    """

    status: ClassVar[int] = 500
    code: str = "internal"

    def __init__(
        self,
        message: str,
        detail: str = "",
        *,
        attr: str | None = None,
        code: str | None = None,
        entry: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = bounded(message)
        self.detail = bounded(detail or message)
        self.attr = attr
        self.code = code or self.code
        self.entry = entry or {}

    def errors(self) -> list[dict[str, str]]:
        """The `errors` of the reply: `attr` if it is about a field, else `message`; always `code`, `detail`.

        A field shows no message, only the detail: the message is its first sentence there."""
        if not self.attr:
            return [{"message": self.message, "code": self.code, "detail": self.detail}]
        whole = self.detail if self.detail == self.message else f"{self.message} {self.detail}"
        return [{"attr": self.attr, "code": self.code, "detail": bounded(whole)}]


class FormStays(OrderdeskError):
    """Nothing happened, and the form stays for another try."""

    status = 400
    code = "nothing_happened"


class BadInput(FormStays):
    """What came in cannot be used; nothing happened, and the form stays."""

    code = "invalid"


class InvalidFields(BadInput):
    """Several fields of the form cannot be used; nothing happened, and the form stays."""

    def __init__(self, fields: Sequence[dict[str, str]]) -> None:
        super().__init__("Please correct the form.")
        self._fields = list(fields)

    def errors(self) -> list[dict[str, str]]:
        """One error for each field: `attr`, `code`, `detail`."""
        return self._fields


class Changed(FormStays):
    """What the form showed has changed in Shopify since; nothing happened, and the form stays.

    `now`: what the form is good for from here on, by the names of what it showed; the message tells it.
    """

    code = "changed"

    def __init__(
        self,
        message: str,
        detail: str = "",
        *,
        attr: str | None = None,
        code: str | None = None,
        now: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, detail, attr=attr, code=code)
        self.now = dict(now or {})


class Correctable(FormStays):
    """Shopify refused these values; nothing happened, and the form stays since others may do."""

    code = "invalid"


class CorrectableFields(Correctable):
    """Shopify refused the values of some fields; nothing happened, and the form stays since others may do."""

    def __init__(self, message: str, detail: str, fields: Sequence[dict[str, str]]) -> None:
        super().__init__(message, detail)
        self._fields = list(fields)

    def errors(self) -> list[dict[str, str]]:
        """One error for each sentence of Shopify's: `attr`, `code`, `detail`."""
        return self._fields


class Unauthenticated(FormStays):
    """The caller proved no identity that this store knows; nothing happened."""

    status = 401
    code = "unauthenticated"


class NotFound(FormStays):
    """There is no such page, customer or order; nothing happened. (No such store: a 401.)"""

    status = 404
    code = "not_found"


class TooLarge(FormStays):
    """More was sent than any form of ours holds; nothing happened."""

    status = 413
    code = "too_large"


class ShopifyUnavailable(FormStays):
    """Shopify could not be asked, or answered that it did not do it; nothing happened."""

    code = "shopify_unavailable"


class SettingsUnavailable(FormStays):
    """The store's parameters could not be read just now; nothing happened."""

    code = "settings_unavailable"


class TooManyStrangers(SettingsUnavailable):
    """Too many unknown stores were named, so only known callers are accepted just now; nothing happened."""


class FormCloses(OrderdeskError):
    """The form closes, and must not be submitted again."""

    status = 406
    code = "closed"


class Refused(FormCloses):
    """Refused, by a rule of ours or by Shopify; nothing happened, and the form closes."""

    code = "refused"


class Misconfigured(Refused):
    """The store's parameters do not allow the call; nothing happened until an admin sets them right."""

    code = "misconfigured"


class Denied(Misconfigured):
    """Shopify does not let the app see `fields` (paths such as `orders.nodes.customer`); nothing happened."""

    def __init__(self, message: str, detail: str = "", *, fields: Sequence[str] = ()) -> None:
        super().__init__(message, detail)
        self.fields = tuple(fields)


class Moved(Misconfigured):
    """Shopify answers for the store at another domain, `to` ("" if it names none); nothing happened."""

    def __init__(self, message: str, detail: str = "", *, to: str = "") -> None:
        super().__init__(message, detail)
        self.to = to


class Failed(FormCloses):
    """Shopify accepted it and could not do all of it; the detail says what happened and what did not."""

    code = "failed"


class OutcomeUnknown(FormCloses):
    """It may have happened; it is being checked, and must not be tried again until that is known."""

    code = "outcome_unknown"


class StillRunning(OutcomeUnknown):
    """Shopify accepted it and is still at work; its end is being followed, and it must not be tried again."""

    code = "still_running"


class AnswerLost(OrderdeskError):
    """Shopify was asked to change something and its answer did not arrive: it may have happened."""

    status = 406
    code = "answer_lost"
