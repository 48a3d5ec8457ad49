"""`python -m admin`: what the stack keeps, for its admin, with your own AWS credentials.

`open` lists the operations that have no end yet, and exits with 1 if there are any: ask it before `sam delete`.
`erase` deletes what is kept about a customer. It only counts, until you say --yes.
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
    """0: nothing is open, or it was erased. 1: something is open. 2: it could not be done."""
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
        f"{len(found)} operation(s) have no end yet. Do not delete the stack now: nobody would learn what became of "
        "them. Most end within minutes. After a day a person is asked to look; if a payment provider is at work on a "
        "refund, after two weeks.",
    )
    return 1


def _erase(records: Records, given: argparse.Namespace) -> int:
    found = find(records, given.store, given.customer, given.order)
    counted = f"{len(found.entries)} timeline entries and {len(found.operations)} operations"
    if not given.yes:
        print(f"{counted} are kept about this customer. Nothing was erased: add --yes to erase them.")
        return 0
    gone = erase(records, found)
    print(f"Erased {len(gone.entries)} timeline entries and {len(gone.operations)} operations.")
    if len(gone.operations) < len(found.operations):
        print("An operation was submitted again meanwhile and stays. Run this once more when it has ended.")
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
    listed = what.add_parser("open", help="list the operations that have no end yet")
    listed.add_argument("--store", default="", help="only those of this store")
    gone = what.add_parser("erase", help="erase what is kept about a customer")
    gone.add_argument("--store", required=True, help="the store's handle")
    gone.add_argument("--customer", required=True, type=_customer, help="the customer's number in Shopify, or its gid")
    about = (
        "what is kept about this order as well (its number in Shopify's address, or its gid), whoever its customer was"
    )
    gone.add_argument("--order", action="append", default=[], type=_order, help=f"{about}; may be repeated")
    gone.add_argument("--yes", action="store_true", help="erase, and do not only count")
    return options


if __name__ == "__main__":
    sys.exit(main())
