"""The places that orders are sent from: the merchant's own, and those of fulfillment services."""

from dataclasses import dataclass, field
from typing import Any

from .addresses import province_name
from .defaults import node

FIRST = 112829759794


@dataclass
class Location:
    """A place that goods are sent from. `service`: the name of its fulfillment service, if it has one."""

    name: str
    number: int
    service: str | None = None
    address: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The gid."""
        return f"gid://shopify/Location/{self.number}"


def main() -> Location:
    """The merchant's own place, which every store has."""
    return Location("Main warehouse", FIRST, address={
        "address1": "1 Dock Road", "city": "Portland", "provinceCode": "OR", "countryCode": "US", "zip": "97201",
    })  # fmt: skip


def service(name: str, place: int) -> Location:
    """The place of a fulfillment service; `place` distinguishes several."""
    return Location(name, FIRST + 32768 * place, name, {"city": "Reno", "provinceCode": "NV", "countryCode": "US"})


def location_node(one: Location) -> dict[str, Any]:
    """A Location."""
    return node(
        "Location",
        id=one.id,
        legacyResourceId=str(one.number),
        name=one.name,
        isFulfillmentService=one.service is not None,
        fulfillmentService=_service_node(one) if one.service else None,
    )


def assigned_node(one: Location) -> dict[str, Any]:
    """A FulfillmentOrderAssignedLocation."""
    at = one.address
    country = at.get("countryCode") or "US"
    return node(
        "FulfillmentOrderAssignedLocation",
        name=one.name,
        location=location_node(one),
        address1=at.get("address1"),
        address2=None,
        city=at.get("city"),
        countryCode=country,
        phone=None,
        province=province_name(country, at.get("provinceCode")),
        zip=at.get("zip"),
    )


def _service_node(one: Location) -> dict[str, Any]:
    return node(
        "FulfillmentService",
        id=one.id.replace("Location", "FulfillmentService"),
        handle=one.name.casefold().replace(" ", "-"),
        serviceName=one.name,
        type="THIRD_PARTY",
        callbackUrl=None,
        inventoryManagement=True,
        requiresShippingMethod=True,
        trackingSupport=True,
    )
