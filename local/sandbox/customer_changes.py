"""customerCreate, customerUpdate, customerSet, customerDelete, customerMerge. An email address or phone is unique."""

import re
import uuid
from typing import Any

from . import addresses
from .phones import phone_refusals, spelled
from .store import Customer, Store
from .tagging import split, too_many
from .user_errors import refusal

NAMES = {"firstName": "first_name", "lastName": "last_name"}


EMAIL = re.compile(r"[^\s@,;<>()\[\]\\\"]+@[^\s@,;<>()\[\]\\\".]+(\.[^\s@,;<>()\[\]\\\".]+)+")
"""An address that a customer may have."""


LONGEST = 255
NOTE = 5000
NOBODY = "A name, phone number, or email address must be present"
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


def stripped(email: str | None) -> str | None:
    """An email address as it is stored, as recorded: without spaces; None if nothing is left."""
    return "".join((email or "").split()) or None


def merge(store: Store, one_id: str, two_id: str) -> dict[str, Any]:
    """`customerMerge`: the second customer is kept. As recorded, except for the fields that may be chosen."""
    found = {"customerOneId": store.customer(one_id), "customerTwoId": store.customer(two_id)}
    if one_id == two_id:
        return _not_merged(refusal(None, "Customers IDs should not match", "INVALID_CUSTOMER_ID"))
    for name, asked in (("customerOneId", one_id), ("customerTwoId", two_id)):
        if found[name] is None:
            words = f"Customer does not exist with ID {asked.rsplit('/', 1)[1]}"
            return _not_merged(refusal([name], words, "INVALID_CUSTOMER_ID"))
    gone, kept = found.values()
    assert gone and kept
    store.merge(gone, kept)
    job = f"gid://shopify/Job/{uuid.uuid4()}"
    return {"job": {"id": job, "done": False}, "resultingCustomerId": kept.id, "userErrors": []}


def _not_merged(refused: dict[str, Any]) -> dict[str, Any]:
    return {"job": None, "resultingCustomerId": None, "userErrors": [refused]}


def create(store: Store, given: dict[str, Any]) -> dict[str, Any]:
    """`customerCreate`."""
    if not _somebody(given):
        return {"customer": None, "userErrors": [refusal(None, NOBODY)]}
    if refusals := _refusals(store, given, None, []):
        return {"customer": None, "userErrors": refusals}
    made = Customer(None, created=store.now())
    _overwrite(made, given)
    store.customers.append(made)
    return {"customer": store.customer_node(made), "userErrors": []}


def update(store: Store, given: dict[str, Any]) -> dict[str, Any]:
    """`customerUpdate`: overwrites the given fields."""
    kept = store.customer(given.get("id") or "")
    if kept is None:
        return {"customer": None, "userErrors": [refusal(["id"], "Customer does not exist")]}
    if refusals := _refusals(store, given, kept, []):
        return {"customer": None, "userErrors": refusals}
    known = {"firstName": kept.first_name, "lastName": kept.last_name, "email": kept.email, "phone": kept.phone}
    if not _somebody(known | given):
        return {"customer": None, "userErrors": [refusal(None, NOBODY)]}
    _overwrite(kept, given)
    kept.updated = store.now()
    return {"customer": store.customer_node(kept), "userErrors": []}


def upsert(store: Store, given: dict[str, Any], identifier: dict[str, Any] | None) -> dict[str, Any]:
    """`customerSet`: changes the customer with the identifier, or creates one."""
    names = {"email": "emailAddress", "phone": "phoneNumber", "id": "id"}
    asked = {names[name]: value for name, value in (identifier or {}).items() if name in names}
    kept = store.by_identifier(asked) if asked else None
    if refusals := _refusals(store, given, kept, ["input"]):
        return {"customer": None, "userErrors": refusals}
    return update(store, given | {"id": kept.id}) if kept else create(store, given)


def delete(store: Store, customer_id: str) -> dict[str, Any]:
    """`customerDelete`: refused while the customer has orders."""
    kept = store.customer(customer_id)
    if kept is None:
        return {"deletedCustomerId": None, "userErrors": [refusal(["id"], "Customer can't be found")]}
    if any(o.customer is kept for o in store.orders):
        words = "Customer can't be deleted because they have associated orders"
        return {"deletedCustomerId": None, "userErrors": [refusal(["id"], words)]}
    store.customers.remove(kept)
    return {"deletedCustomerId": customer_id, "userErrors": []}


def _refusals(store: Store, given: dict[str, Any], own: Customer | None, where: list[str]) -> list[dict[str, Any]]:
    found, others = [], [c for c in store.customers if c is not own]
    if email := stripped(given.get("email")):
        if len(email) > LONGEST:
            words = f"Email is too long (maximum is {LONGEST} characters)"
            found.append(refusal([*where, "email"], words, "TOO_LONG"))
        if len(email) > LONGEST or not EMAIL.fullmatch(email):
            found.append(refusal([*where, "email"], "Email is invalid", "INVALID"))
        elif any((c.email or "").casefold() == email.casefold() for c in others):
            found.append(refusal([*where, "email"], "Email has already been taken", "TAKEN"))
    if len(given.get("note") or "") > NOTE:
        words = f"Note is too long (maximum is {NOTE} characters)"
        found.append(refusal([*where, "note"], words, "TOO_LONG"))
    if phone := given.get("phone"):
        wrong = phone_refusals([*where, "phone"], phone)
        found += [one | {"code": "INVALID"} for one in wrong]
        if not wrong and any(c.phone == spelled(phone) for c in others):
            found.append(refusal([*where, "phone"], "Phone has already been taken", "TAKEN"))
    if given.get("locale") and not LOCALE.fullmatch(given["locale"]):
        found.append(refusal([*where, "locale"], "Locale is invalid", "INVALID"))
    return found + too_many(split(given.get("tags") or []), "Tags")


def _somebody(given: dict[str, Any]) -> bool:
    return any((given.get(name) or "").strip() for name in ("firstName", "lastName", "email", "phone"))


def _overwrite(kept: Customer, given: dict[str, Any]) -> None:
    for name in ("firstName", "lastName"):
        if name in given:
            setattr(kept, NAMES[name], (given[name] or "").strip() or None)
    if "note" in given:
        kept.note = given["note"]
    if given.get("locale"):
        kept.locale = given["locale"]
    if "email" in given:
        kept.email = stripped(given["email"])
    if "phone" in given:
        kept.phone = spelled(given["phone"]) if given["phone"] else None
    if "tags" in given:
        kept.tags = split(given["tags"] or [])
    if given.get("addresses"):
        kept.address = addresses.kept(given["addresses"][0])
