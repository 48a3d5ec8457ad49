"""Addresses: as kept (a dict by the names of MailingAddress), as shown, and what Shopify refuses of a given one."""

from typing import Any

from .defaults import node

COUNTRIES = {
    "CA": "Canada", "DE": "Germany", "FR": "France", "GB": "United Kingdom", "IE": "Ireland", "JP": "Japan",
    "KW": "Kuwait", "US": "United States",
}  # fmt: skip
PROVINCES = {
    "US": {
        "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
        "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
        "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
    },
    "CA": {"AB", "BC", "MB", "NB", "NL", "NT", "NS", "NU", "ON", "PE", "QC", "SK", "YT"},
}  # fmt: skip


def address_node(place: dict[str, Any], owner: str) -> dict[str, Any]:
    """A MailingAddress; `owner` is the gid of what it belongs to."""
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
            "province": place.get("province"),
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
    """A MailingAddressInput as a store keeps it."""
    name = " ".join(filter(None, (given.get("firstName"), given.get("lastName"))))
    code = given.get("countryCode") or next((c for c, n in COUNTRIES.items() if n == given.get("country")), None)
    return {**given, "name": name or None, "countryCodeV2": code}


def refusals(given: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a MailingAddressInput for an order: field and words, as recorded."""
    country = given.get("countryCode") or ""
    wrong = []
    if not given.get("lastName"):
        wrong.append(("lastName", "Enter a last name"))
    if not given.get("zip"):
        wrong.append(("zip", "Enter a ZIP code" if country == "US" else "Enter a postal code"))
    known = PROVINCES.get(country)
    if known and given.get("provinceCode") not in known:
        kind = "State" if country == "US" else "Province"
        wrong.append(("province", f"{kind} is not a valid {kind.lower()} in {COUNTRIES[country]}"))
    return wrong
