"""`python -m admin`: commands for a stack's admin, with your own AWS credentials.

`open` lists the operations that have not ended, and exits with 1 if there are any: run it before `sam delete`. `erase`
deletes what is stored about a customer. Without --yes it only counts.
"""

import argparse
import re
import sys

from .erase import erase, find
from .open_operations import described, open_operations
from .tables import Records, RecordsError

_CUSTOMER = re.compile(r"(?:gid://shopify/Customer/)?([0-9]{1,20})|(order-[0-9]{1,20})")
_ORDER = re.compile(r"(?:gid://shopify/Order/)?([0-9]{1,20})")


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 if nothing is open, or if the records were erased; 1 if something is open; 2 on failure."""
    given = _options().parse_args(arguments)
    try:
        records = Records.of_stack(given.stack, given.region)
        return _open(records, given.store) if given.what == "open" else _erase(records, given)
    except RecordsError as failure:
        print(failure, file=sys.stderr)
        return 2


def _open(records: Records, store: str) -> int:
    found = open_operations(records, store)
    for line in described(found):
        print(line)
    if not found:
        print("No operation is open.")
        return 0
    print(
        f"{len(found)} operation(s) have not ended. Don't delete the stack now: their outcomes would be lost. "
        "Most end within minutes. After a day a person is asked to look; if a payment provider is still working on a "
        "refund, after two weeks.",
    )
    return 1


def _erase(records: Records, given: argparse.Namespace) -> int:
    found = find(records, given.store, given.customer, given.order)
    counted = f"{len(found.entries)} timeline entries and {len(found.operations)} operations"
    if not given.yes:
        print(f"{counted} are stored about this customer. Nothing was erased. Add --yes to erase them.")
        return 0
    gone = erase(records, found)
    print(f"Erased {len(gone.entries)} timeline entries and {len(gone.operations)} operations.")
    if len(gone.operations) < len(found.operations):
        print("An operation was submitted again meanwhile and was kept. Run this again when it has ended.")
        return 1
    return 0


def _customer(text: str) -> str:
    match = _CUSTOMER.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError("a customer is a number, a gid, or order-<number> for a guest's order")
    return match[1] or match[2]


def _order(text: str) -> str:
    match = _ORDER.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError("an order is the number at the end of its address in Shopify, or its gid")
    return match[1]


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="admin", description=__doc__.partition("\n")[0])
    options.add_argument("--stack", default="orderdesk", help="the stack's name (default: orderdesk)")
    options.add_argument("--region", default="", help="the stack's AWS region (default: your own)")
    what = options.add_subparsers(dest="what", required=True)
    listed = what.add_parser("open", help="list the operations that have not ended")
    listed.add_argument("--store", default="", help="only this store's operations")
    gone = what.add_parser("erase", help="erase what is stored about a customer")
    gone.add_argument("--store", required=True, help="the store's handle")
    gone.add_argument("--customer", required=True, type=_customer, help="the customer's number in Shopify, or its gid")
    about = "also what is stored about this order (the number in its Shopify URL, or its gid), under any customer"
    gone.add_argument("--order", action="append", default=[], type=_order, help=f"{about}; may be repeated")
    gone.add_argument("--yes", action="store_true", help="erase instead of only counting")
    return options


if __name__ == "__main__":
    sys.exit(main())
