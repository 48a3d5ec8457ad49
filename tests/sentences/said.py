"""What a function said, as it is noted: about which action, in which situation, and each sentence of it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from orderdesk.actions import ACTIONS
from orderdesk.refund_requests import REASONS

from .placeholders import any_of, sentences, shown

FORM, DONE, STAYS, CLOSES = "The form", "Done", "The form stays", "The form closes"
NOT_OPENED = "The form doesn't open"
NOT_KNOWN, LATER, ENTRY = "We can't tell yet", "Found later by the reconciler", "On the timeline only"
BROKEN = "Something went wrong"
SITUATIONS = (FORM, NOT_OPENED, DONE, STAYS, CLOSES, NOT_KNOWN, LATER, ENTRY, BROKEN)

CARD, CONNECTING = "The card", "For the person who connects the helpdesk"
TITLES = {action.slug: action.title for action in ACTIONS} | {action.name: action.title for action in ACTIONS}

#: Parameters of the address, which no agent types.
_OF_THE_ADDRESS = frozenset({"order", "customer", "operation"})
#: Fields whose choices are a store's own, after the first.
_OWN_CHOICES = frozenset({"tags", "applies_to", "restock"})


class Said(NamedTuple):
    """What was said at once. `subject`: the action's title, or one of `CARD` and `CONNECTING`. `head`: the bold line,
    the field, or a part of the form. `code`: of the error, or the outcome of the entry. `detail`: the sentences."""

    subject: str
    situation: str
    head: str
    code: str
    detail: tuple[str, ...]


class Known:
    """What a test's store makes differ: the names of its orders, and what Shopify has said."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk
        self._orders = any_of(order.name for order in list(desk.store.orders))

    def shown(self, text: Any) -> str:
        """A text with placeholders."""
        return shown(str(text), self._orders)

    def is_shopifys(self, text: str) -> bool:
        """Whether a text is nothing but messages of Shopify's last answers."""
        said = (word for last in self._desk.sandbox.received[-3:] for word in _messages(last.answer))
        for word in sorted(said, key=len, reverse=True):
            text = text.replace(word, "")
        return not text.strip(" .")


def of_reply(method: str, path: str, status: int, body: Mapping[str, Any], known: Known) -> Iterator[Said]:
    """What the reply to a request says; `path` is below the store's base, without a query."""
    slug = path.rpartition("/actions/")[2] if path.startswith("/actions/") else ""
    subject = TITLES.get(slug, CONNECTING)
    if "errors" in body:
        for error in body["errors"]:
            yield _of_error(method, subject, status, error, known)
    elif slug and method == "GET":
        yield from (Said(subject, FORM, head, "", (known.shown(text),)) for head, text in _of_form(slug, body, known))
    elif slug:
        yield _said(subject, DONE, f"**{known.shown(body['message'])}**", "", known.shown(body["detail"]))
    else:
        yield from (Said(CARD, CARD, "", "", (known.shown(text),)) for text in _of_card(body))


def of_entry(function: str | None, entry: Mapping[str, Any], known: Known) -> Said:
    """What a timeline entry says that a function writes."""
    situation = LATER if function == "reconcile_operations" else ENTRY
    subject = TITLES.get(entry["action"], "An action of another version")
    head = f"**{known.shown(entry['message'])}**"
    detail = "“…”" if known.is_shopifys(entry["detail"]) else known.shown(entry["detail"])
    return _said(subject, situation, head, entry["outcome"], detail)


def _said(subject: str, situation: str, head: str, code: str, detail: str) -> Said:
    return Said(subject, situation, head, code, tuple(one for one in sentences(detail) if f"**{one}**" != head))


def _of_error(method: str, subject: str, status: int, error: Mapping[str, str], known: Known) -> Said:
    code, attr = error["code"], error.get("attr")
    situation = _situation(method, status, code)
    if status in (401, 413) or code == "invalid_json" or attr in _OF_THE_ADDRESS:
        subject = CONNECTING
    about = f"Field `{attr}`" if attr else f"**{known.shown(error['message'])}**"
    about = "Field `line_number`" if (attr or "").startswith("line_") else about
    if attr and known.is_shopifys(error["detail"]):
        # Shopify has codes of its own.
        return Said(subject, situation, about, "", ("“…”",))
    return _said(subject, situation, about, code, known.shown(error["detail"]))


def _situation(method: str, status: int, code: str) -> str:
    if status == 500:
        return BROKEN
    if method == "GET":
        return NOT_OPENED
    if status != 406:
        return STAYS
    return NOT_KNOWN if code in ("outcome_unknown", "still_running") else CLOSES


def _of_form(slug: str, form: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    yield "Title:", form["title"]
    yield "Buttons:", form["submitButton"]
    yield "Buttons:", form["closeButton"]
    for section in form["sections"]:
        line = section["attr"].startswith("line_")
        head, drawn = f"Field `{'line_number' if line else section['attr']}`", section["input"]
        yield head, f"Label: {'[name of the item]' if line else section['label']}"
        yield from ((head, f"Below it: {one.rstrip('.')}") for one in sentences(known.shown(section.get("hint", ""))))
        if drawn["type"] == "checkbox":
            yield head, f"Next to the box: {drawn['text']}"
        elif drawn.get("placeholder"):
            yield head, f"While it is empty: {drawn['placeholder']}"
        if choices := [option["text"] for option in drawn.get("options", [])]:
            yield head, f"Choices: {_choices(slug, section['attr'], choices)}"


def _choices(slug: str, attr: str, choices: list[str]) -> str:
    if attr.startswith("line_"):
        return "0 · 1 · … · [number] (all)"
    if attr in _OWN_CHOICES:
        return f"{choices[0]} · [those of the store]"
    if attr == "reason" and slug.startswith("refund-") and choices != list(REASONS):
        return "[those of the store]"
    return " · ".join(choices)


def _of_card(body: Mapping[str, Any]) -> Iterator[str]:
    for result in body.get("results", []):
        for order in result.get("transactions", []):
            yield from order.get("orderStatus", "").split(" · ")[1:]
        for name in ("lastActions", "ordersShown"):
            if text := result.get("customAttributes", {}).get(name):
                yield from text.split(" · ")


def _messages(answer: Any) -> Iterator[str]:
    """Every `message` in an answer of Shopify's."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            if name == "message" and isinstance(value, str):
                yield value.strip()
            yield from _messages(value)
    elif isinstance(answer, list):
        for one in answer:
            yield from _messages(one)
