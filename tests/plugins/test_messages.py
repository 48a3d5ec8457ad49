"""The page of messages: what is replaced by a placeholder, how the page is read back, and what is wrong with it."""

import pytest

from tests.plugins.messages import complaints
from tests.sentences import page
from tests.sentences.page import Line
from tests.sentences.placeholders import any_of, sentences, shown
from tests.sentences.said import CLOSES, DONE, ENTRY, FORM, NOT_OPENED, STAYS, Said

ORDERS = any_of(["#1001", "#10010"])
REFUNDED = Said("Refund Order", DONE, "**Refunded [amount]**", "", ("[amount] to [payment method].", "Done."))
BUSY = Said("Refund Order", CLOSES, "**Another one.**", "order_busy", ("Nothing was changed.",))
TITLE = Said("Refund Order", FORM, "Title:", "", ("Refund order [order]: [amount]. No more",))
FIELD = Said("Edit Order Tags", STAYS, "Field `tags`", "too_long", ("“…” is longer.",))
ALL = {REFUNDED, BUSY, TITLE, FIELD}


@pytest.mark.parametrize(
    ("text", "as_shown"),
    [
        ("Refunded CA$12.50 on order #10010", "Refunded [amount] on order [order]"),
        ("¥1000 to Visa •••• 4242, $3.00 to Gift card", "[amount] to [payment method], [amount] to [payment method]"),
        ("$5.00 goes back to the original payment methods", "[amount] goes back to the original payment methods"),
        ("Shopify says: No. Never Please check the order in Shopify.",
         "Shopify says: “…” Please check the order in Shopify."),
        ("The note is now: “a “b”\nc”. Your text is still in the box.",
         "The note is now: “…”. Your text is still in the box."),
        ("Added a. b, c; removed d. The tags are now: a. b. Still there: d.",
         "Added [tags]; removed [tags]. The tags are now: [tags]. Still there: [tags]."),
        ("“Refund Order” is switched off.", "“[action]” is switched off."),
        ("Order #1001 can't be refunded: it's paid and in progress.",
         "Order [order] can't be refunded: it's [payment status] and [fulfillment status]."),
        ("A tag can be short. “a” and “b” is longer.", "A tag can be short. “…” is longer."),
        ("created discount code A,B, confirmed 15:39", "created discount code [code], confirmed [time]"),
        ("Discount code A wasn't created", "Discount code [code] wasn't created"),
        ("Discount code is required.", "Discount code is required."),
        ("refund of $5.00 being checked since 24 Nov 15:39 UTC", "refund of [amount] being checked since [time]"),
    ],
)  # fmt: skip
def test_order_amount_and_words_are_placeholders(text, as_shown):
    assert shown(text, ORDERS) == as_shown


def test_list_is_a_sentence_for_each_part():
    assert sentences("[amount] to [payment method]; [amount] on its way to [payment method]. The end.") == [
        "[amount] to [payment method].", "[amount] on its way to [payment method].", "The end.",
    ]  # fmt: skip


def test_page_is_read_as_it_was_written():
    assert page.read(page.written(ALL)) >= {line for said in ALL for line in page.lines_of(said)}


def test_page_stays_the_same_if_nothing_new_is_added():
    other = REFUNDED._replace(detail=("[amount] to [payment method].", "It's late."))
    busy = BUSY._replace(subject="Cancel Order", detail=("Nothing was changed.", "It's late."))
    text = page.written(ALL | {other, busy})
    assert page.written(page.said_on(text)) == text


def test_sentence_of_two_actions_is_written_once():
    text = page.written({BUSY, BUSY._replace(subject="Cancel Order")})
    assert text.count("Another one.") == 1
    assert f"## {page.SHARED}" in text


@pytest.mark.parametrize(("situation", "code"), [(NOT_OPENED, "order_busy"), (ENTRY, "REFUSED")])
def test_repetition_is_written_once(situation, code):
    repeated = BUSY._replace(situation=situation, code=code)
    assert page.written({BUSY, repeated}) == page.written({BUSY})
    assert complaints({repeated: "a test"}, {}, page.written({BUSY}), whole=False) == []


def test_details_that_differ_are_a_list():
    read = page.read(page.written({BUSY, BUSY._replace(detail=("Nothing was changed.", "It's late."))}))
    assert {line.sentence for line in read} == {"", "Nothing was changed.", "It's late."}
    assert {line.code for line in read} == {BUSY.code}


def test_page_as_the_tests_were_told_has_no_complaint():
    seen = dict.fromkeys(ALL, "a test")
    assert complaints(seen, {}, page.written(ALL), whole=True) == []


def test_sentence_that_is_not_on_the_page_is_reported_with_its_test():
    new = BUSY._replace(detail=("Nothing was changed.", "New."))
    [complaint] = complaints({new: "test_it.py::test_it"}, {}, page.written(ALL), whole=False)
    assert "“The form closes: **Another one.** New.”, which test_it.py::test_it was told" in complaint


def test_sentence_that_no_test_was_told_is_reported_after_a_run_of_all_tests():
    seen = dict.fromkeys(ALL - {FIELD}, "a test")
    assert complaints(seen, {}, page.written(ALL), whole=False) == []
    assert all("no test was told “The form stays" in one for one in complaints(seen, {}, page.written(ALL), whole=True))
    assert complaints(seen, {}, page.written(ALL), whole=True)


def test_chosen_example_may_bring_known_sentences_together():
    chosen = {BUSY._replace(detail=("Done.",)): "a test"}
    assert complaints(dict.fromkeys(ALL, ""), chosen, page.written(ALL), whole=False) == []
    [complaint] = complaints({}, {BUSY._replace(detail=("New.",)): "a test"}, page.written(ALL), whole=False)
    assert "New." in complaint


def test_line_has_its_situation_and_code():
    assert Line(STAYS, "Field `tags`", "too_long", "“…” is longer.") in page.read(page.written(ALL))
