"""An order's shipping address: as the form has it, as Shopify wants it, in a sentence, and as a hash.

Addresses are personal data: an operation keeps only the hash, by which an address is known again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from orderdesk.shopify.nodes import Destination


class Field(NamedTuple):
    """A field of the form: its name, what the agent reads, and Shopify's name for it."""

    attr: str
    label: str
    shopify: str


FIELDS = (
    Field("first_name", "First name", "firstName"),
    Field("last_name", "Last name", "lastName"),
    Field("company", "Company", "company"),
    Field("address1", "Address", "address1"),
    Field("address2", "Apartment, suite, etc.", "address2"),
    Field("city", "City", "city"),
    Field("province_code", "State or province code", "provinceCode"),
    Field("zip", "Postal code", "zip"),
    Field("phone", "Phone", "phone"),
)
#: The form's field by Shopify's name in an error, which may say `province` for its code.
BY_SHOPIFY = {field.shopify: field.attr for field in FIELDS} | {"province": "province_code"}


def single_spaced(text: str) -> str:
    """A text with one space between its words, and none around them."""
    return " ".join(text.split())


def values_of(place: Destination) -> dict[str, str]:
    """The address as the form has it: each field's text, "" if there is none."""
    given: Mapping[str, Any] = place
    return {field.attr: single_spaced(given.get(field.shopify) or "") for field in FIELDS}


def input_of(values: Mapping[str, str], country: str) -> dict[str, str | None]:
    """The whole address as Shopify takes it, since it overwrites: a field without text is emptied."""
    return {field.shopify: values[field.attr] or None for field in FIELDS} | {"countryCode": country}


def in_words(values: Mapping[str, str], country: str) -> str:
    """The address on one line: `Ada Lovelace, 12 Harbour Street, Chicago IL 60601, United States, +1 …`."""
    name = " ".join(filter(None, (values["first_name"], values["last_name"])))
    town = " ".join(filter(None, (values["city"], values["province_code"], values["zip"])))
    parts = (name, values["company"], values["address1"], values["address2"], town, country, values["phone"])
    return ", ".join(filter(None, parts))


def hash_of(values: Mapping[str, str]) -> str:
    """By which an address is known again without keeping it."""
    return hashlib.sha256(json.dumps({field.attr: values[field.attr] for field in FIELDS}).encode()).hexdigest()
