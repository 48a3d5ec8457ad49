"""Discount codes whose answer was lost: found by the mark, wherever a version wrote it, and by nothing less."""

from datetime import timedelta

import pytest

from tests.functions.test_reconcile_operations import LATER, entries, lost

NAME = "sorry"


@pytest.fixture(autouse=True)
def _no_waiting(hurried):
    """The clock is moved on, so that nothing waits."""


def mark(desk, url):
    return f"Orderdesk {desk.operation(url)['operation']}"


def test_code_of_an_earlier_version_is_found_by_its_title(desk):
    url = lost(desk, "create-discount-code", done=True)
    made = desk.store.codes[NAME]["input"]
    made |= {"title": f"SORRY ({mark(desk, url)})", "tags": []}
    assert desk.reconcile(later=LATER)["ended"] == 1
    assert entries(desk)[0]["outcome"] == "SUCCEEDED"


def test_code_is_found_by_one_of_several_tags(desk):
    url = lost(desk, "create-discount-code", done=True)
    desk.store.codes[NAME]["input"]["tags"] = ["loyalty", mark(desk, url)]
    assert desk.reconcile(later=LATER)["ended"] == 1
    assert entries(desk)[0]["outcome"] == "SUCCEEDED"


@pytest.mark.parametrize("tags", [[], ["Orderdesk"], ["another"]])
def test_code_without_the_reference_created_at_that_time_needs_a_person(desk, tags):
    lost(desk, "create-discount-code", done=True)
    desk.store.codes[NAME]["input"]["tags"] = tags
    assert desk.reconcile()["waiting"] == 1, "it is looked at again first"
    assert desk.reconcile(later=LATER)["ended"] == 1
    [entry] = entries(desk)
    assert entry["outcome"] == "UNKNOWN" and "Check it in Shopify" in entry["detail"]


def test_code_that_existed_before_is_not_ours(desk):
    url = lost(desk, "create-discount-code", done=True)
    kept = desk.store.codes[NAME]
    # The mark of another attempt begins alike.
    kept["input"]["tags"] = [f"{mark(desk, url)}-2"]
    kept["created"] -= timedelta(hours=1)
    assert desk.reconcile(later=LATER)["ended"] == 1
    [entry] = entries(desk)
    assert (entry["outcome"], entry["message"]) == ("FAILED", "Discount code SORRY wasn't created")
