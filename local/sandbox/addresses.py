"""Addresses: as stored (a dict with MailingAddress's names), as shown, and what Shopify refuses in an input.

Recorded: the words for a missing last name and ZIP code, and for a state that the country does not have. Not recorded:
what else is required (a street, a city, a country, a state) and the words for it, the names of an address's parts
outside the United States, and that a malformed ZIP code is refused.
"""

import re
from typing import Any

from .defaults import node

COUNTRIES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "CA": "Canada", "CH": "Switzerland", "DE": "Germany",
    "DK": "Denmark", "ES": "Spain", "FR": "France", "GB": "United Kingdom", "IE": "Ireland", "IT": "Italy",
    "JP": "Japan", "KW": "Kuwait", "NL": "Netherlands", "NZ": "New Zealand", "SE": "Sweden", "US": "United States",
}  # fmt: skip
PROVINCES = {
    "US": {
        "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
        "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
        "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
        "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan",
        "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
        "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
        "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
        "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
        "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
        "WY": "Wyoming", "AS": "American Samoa", "GU": "Guam", "MH": "Marshall Islands", "FM": "Micronesia",
        "MP": "Northern Mariana Islands", "PW": "Palau", "PR": "Puerto Rico", "VI": "U.S. Virgin Islands",
        "AA": "Armed Forces Americas", "AE": "Armed Forces Europe", "AP": "Armed Forces Pacific",
    },
    "CA": {
        "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
        "NL": "Newfoundland and Labrador", "NT": "Northwest Territories", "NS": "Nova Scotia", "NU": "Nunavut",
        "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
    },
    "AU": {
        "ACT": "Australian Capital Territory", "NSW": "New South Wales", "NT": "Northern Territory",
        "QLD": "Queensland", "SA": "South Australia", "TAS": "Tasmania", "VIC": "Victoria", "WA": "Western Australia",
    },
}  # fmt: skip
"""Names by code, of the countries that are known to need one here."""

PARTS = {"AU": ("State/territory", "postcode"), "CA": ("Province", "postal code"), "US": ("State", "ZIP code")}
"""What a province and a postal code are called, if not so."""

POSTCODES = {"GB": "postcode", "IE": None, "KW": None}
"""The same for countries without provinces to choose from; None: not needed."""

ZIPS = {"CA": r"[A-Za-z]\d[A-Za-z][ -]?\d[A-Za-z]\d", "US": r"\d{5}(-?\d{4})?"}


def province_name(country: str | None, code: str | None) -> str | None:
    """The name of a province by its code; None if it is not known here."""
    return PROVINCES.get(country or "", {}).get(code or "")


def address_node(place: dict[str, Any], owner: str) -> dict[str, Any]:
    """A MailingAddress; `owner` is the gid of the object that it belongs to."""
    first, _, last = str(place.get("name") or "").rpartition(" ")
    country = COUNTRIES.get(place.get("countryCodeV2") or "", place.get("country"))
    area = [part for part in (place.get("city"), place.get("provinceCode"), country) if part]
    return node(
        "MailingAddress",
        **{
            "id": f"gid://shopify/MailingAddress/{owner.rsplit('/', 1)[1]}?model_name=Address",
            "firstName": place.get("firstName", first or None),
            "lastName": place.get("lastName", last or None),
            "country": country,
            "province": province_name(place.get("countryCodeV2"), place.get("provinceCode")) or place.get("province"),
            "formattedArea": ", ".join([" ".join(area[:-1]), area[-1]] if len(area) > 2 else area) or None,
            "formatted": lambda _info, **given: _formatted(place, country, given),
            **{
                name: place.get(name)
                for name in (
                    "name",
                    "company",
                    "phone",
                    "address1",
                    "address2",
                    "city",
                    "provinceCode",
                    "countryCodeV2",
                    "zip",
                )
            },
        },
    )


def _formatted(place: dict[str, Any], country: str | None, given: dict[str, Any]) -> list[str]:
    town = " ".join(str(place[n]) for n in ("city", "provinceCode", "zip") if place.get(n))
    lines = [place.get("name")] if given.get("withName") else []
    return [str(line) for line in (*lines, place.get("address1"), place.get("address2"), town, country) if line]


def kept(given: dict[str, Any]) -> dict[str, Any]:
    """A MailingAddressInput as a store keeps it: the names of country and province follow from their codes."""
    name = " ".join(filter(None, (given.get("firstName"), given.get("lastName"))))
    code = _country(given)
    return {**given, "name": name or None, "countryCodeV2": code, "provinceCode": _province(given, code)}


def _country(given: dict[str, Any]) -> str | None:
    named = next((code for code, name in COUNTRIES.items() if name == given.get("country")), None)
    return given.get("countryCode") or named


def _province(given: dict[str, Any], country: str | None) -> str | None:
    known = PROVINCES.get(country or "", {})
    named = next((code for code, name in known.items() if name == given.get("province")), None)
    return given.get("provinceCode") or named


def refusals(given: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a MailingAddressInput for an order: field and words."""
    country = _country(given)
    kind, code = PARTS.get(country or "", ("", POSTCODES.get(country or "", "postal code")))
    wrong = [
        (name, f"Enter {words}")
        for name, words in (("lastName", "a last name"), ("address1", "an address"), ("city", "a city"))
        if not (given.get(name) or "").strip()
    ]
    zip_code = (given.get("zip") or "").strip()
    if not zip_code and code:
        wrong.append(("zip", f"Enter a {code}"))
    elif zip_code and country in ZIPS and not re.fullmatch(ZIPS[country], zip_code):
        wrong.append(("zip", f"Enter a valid {code}"))
    if not country:
        wrong.append(("country", "Select a country/region"))
    known, province = PROVINCES.get(country or "", {}), _province(given, country)
    if known and not (province or given.get("province")):
        wrong.append(("province", f"Select a {kind.lower()}"))
    elif known and province not in known:
        wrong.append(("province", f"{kind} is not a valid {kind.lower()} in {COUNTRIES[country or '']}"))
    return wrong
