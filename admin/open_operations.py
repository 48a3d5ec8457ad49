"""Operations that have not ended. Check them before you delete the stack."""

from collections.abc import Iterator
from typing import Any

from boto3.dynamodb.conditions import Attr

from .tables import Records

#: An operation that was submitted and has not ended. A form that is only open (CREATED) does not count.
NOT_ENDED = Attr("check_at").exists()


def open_operations(records: Records, store: str = "") -> list[dict[str, Any]]:
    """The operations that have not ended, oldest first; only those of one store if it is given."""
    condition = NOT_ENDED & Attr("store").eq(store) if store else NOT_ENDED
    return sorted(map(dict, records.all_operations(condition)), key=lambda item: str(item.get("submitted_at", "")))


def described(operations: list[dict[str, Any]]) -> Iterator[str]:
    """One line per operation, without any text that an agent wrote."""
    for item in operations:
        about = f"order {item['order_name']}" if item.get("order_name") else f"customer {item.get('customer')}"
        what = str(item.get("action", "an unknown action")).replace("_", " ")
        since, store = item.get("submitted_at", ""), item.get("store")
        yield f"{since}  {store}  {what}, {about}  {item['state']}  {item['operation']}"
