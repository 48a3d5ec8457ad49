"""The agent desk in a real browser, with its own demo: what an agent does and sees."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

MARTHA, LI, JONAS, PRIYA, ZOE = "Martha Williams", "李 小龙", "+49 1511", "Priya Natarajan", "Zoë Lefèvre"
NOBODY = "No customer has this address or number, or the store could not be reached."
RECONCILED = 200_000


def test_refund_is_submitted_and_shown(agent):
    agent.open(MARTHA)
    agent.linked(MARTHA)
    form = agent.form("Refund Order", "#1013")
    agent.expect(form.get_by_role("heading")).to_have_text("Refund order #1013: $121.00")
    agent.expect(form.get_by_text("$121.00 to Visa •••• •••• •••• 4242")).to_be_visible()
    agent.expect(form.get_by_label("Send the customer Shopify's refund email")).to_be_checked()
    form.get_by_label("Reason").select_option("Goodwill")
    agent.submit()
    agent.wait_till_done()
    entry = agent.entry("Refunded $121.00 on order #1013", "Done")
    agent.expect(entry).to_contain_text("121.00")
    agent.expect(entry).to_contain_text("Ann Lee")
    agent.expect(entry).to_have_count(1)
    card = agent.order("#1013")
    agent.expect(card.locator(".badge", has_text="Refunded")).to_be_visible()
    agent.expect(card.get_by_role("button", name="Refund Order")).to_have_count(0)


@pytest.fixture
def approvals(agent):
    """Refunds of this demo need approval from $1 on."""
    agent.set_limits({"actions/refund_order/approval_above": "1"})
    yield agent
    agent.set_limits({})


def test_second_person_approves_what_the_first_one_asked_for(approvals):
    agent = approvals
    agent.refund(ZOE, "#1007")
    agent.expect(agent.notice).to_contain_text("is waiting for approval")
    agent.entry("“Refund Order” for order #1007", "Waiting for approval")
    card = agent.order("#1007")
    agent.expect(card.locator(".told")).to_contain_text("waiting for approval since")
    # Nobody decides about what they asked for, and no other money moves meanwhile.
    agent.expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    agent.expect(card.get_by_role("button", name="Cancel Order")).to_have_count(0)
    agent.be("Ben Ortiz")
    agent.expect(card.get_by_role("button", name="Decline: Refund Order")).to_be_visible()
    form = agent.form("Approve: Refund Order", "#1007")
    agent.expect(form.get_by_text("Ann Lee asked on")).to_be_visible()
    assert agent.serious() == [] and agent.overflow() == []
    form.get_by_label("Note for your colleague").fill("Fine by me")
    agent.submit()
    agent.wait_till_done()
    entry = agent.entry("on order #1007", "Done").filter(has_text="Approved by Ben Ortiz")
    agent.expect(entry).to_contain_text("Ann Lee")
    agent.expect(card.get_by_role("button", name="Approve")).to_have_count(0)


def test_cancellation_is_submitted_and_shown(agent):
    agent.open(LI)
    agent.linked(LI)
    form = agent.form("Cancel Order", "#1016")
    form.get_by_label("Reason").select_option(index=1)
    agent.submit()
    agent.wait_till_done()
    agent.entry("#1016", "Done")
    agent.expect(agent.order("#1016").locator(".badge", has_text="Cancelled")).to_be_visible()


def test_discount_code_with_invalid_values_shows_errors_and_then_succeeds(agent):
    agent.open(JONAS)
    agent.linked("Jonas Weber")
    form = agent.form("Create Discount Code")
    agent.submit()
    code = form.get_by_label("Discount code")
    agent.expect(code).to_have_attribute("aria-invalid", "true")
    agent.expect(code).to_be_focused()
    agent.expect(code).to_have_accessible_description(re.compile("required"))
    agent.expect(form.get_by_label("Value")).to_have_attribute("aria-invalid", "true")
    code.fill("SORRY15")
    form.get_by_label("Type").select_option("Percentage")
    form.get_by_label("Value").fill("150")
    agent.submit()
    agent.expect(form.get_by_label("Value")).to_be_focused()
    agent.expect(code).not_to_have_attribute("aria-invalid", "true")
    form.get_by_label("Value").fill("15")
    agent.submit()
    agent.wait_till_done()
    agent.entry("SORRY15", "Done")
    agent.form("Create Discount Code")
    code.fill("SORRY15")
    form.get_by_label("Type").select_option("Percentage")
    form.get_by_label("Value").fill("15")
    agent.submit()
    agent.expect(code).to_be_focused(timeout=20_000)
    agent.expect(code).to_have_attribute("aria-invalid", "true")


def test_edited_tags_are_shown(agent):
    agent.open(PRIYA)
    agent.linked(PRIYA)
    form = agent.form("Edit Order Tags", "#1017")
    agent.expect(form.get_by_label("Tags")).to_have_value("VIP, gift")
    form.get_by_label("Tags").fill("VIP, called twice")
    agent.submit()
    agent.wait_till_done()
    agent.entry("Added called twice; removed gift", "Done")
    agent.expect(agent.order("#1017").locator("dd .badge")).to_have_text(["called twice", "VIP"])
    agent.page.reload()
    agent.open(PRIYA)
    agent.entry("Added called twice; removed gift", "Done")
    agent.expect(agent.page.locator("#stream > li:not(.day)").first).to_have_class("message")


def test_redrawn_profile_keeps_its_scroll_position(agent):
    agent.open(MARTHA)
    agent.linked(MARTHA)
    agent.order("#1013")
    agent.profile.locator(".scroll").evaluate("it => { it.scrollTop = 200; it.dataset.old = 'yes' }")
    agent.profile.get_by_role("button", name="Refresh the profile").click()
    agent.expect(agent.profile.locator(".scroll:not([data-old])")).to_be_visible()
    assert agent.profile.locator(".scroll").evaluate("it => it.scrollTop") == 200


def test_another_agents_action_appears_by_itself(agent):
    agent.open(ZOE)
    agent.linked(ZOE)
    # Opened again, it shows the customer's timeline from the start.
    with agent.page.expect_response(lambda said: '"by":"customer"' in (said.request.post_data or "")):
        agent.open(ZOE)
    agent.linked(ZOE)
    card = agent.order("#1007")
    other = agent.form_url("zoe.lefevre@example.com", "#1007", "Edit Order Tags")
    assert agent.as_another(other, tags="by a colleague").status_code == 200
    agent.entry("Added by a colleague", "Done")
    agent.expect(card.locator("dd .badge")).to_have_text(["by a colleague"], timeout=20_000)


def test_long_timeline_is_loaded_in_pages(agent):
    def page(route):
        cursor = route.request.post_data_json["cursor"]
        number = 60 if cursor else 61
        entry = {
            "operation": f"o{number}", "attempt": 1, "at": f"2026-11-01T10:{number - 10}:00Z",
            "action": "edit_order_tags", "outcome": "SUCCEEDED", "message": f"Entry {number}", "detail": "",
        }  # fmt: skip
        route.fulfill(json={"status": 200, "body": {"entries": [entry]} | ({} if cursor else {"cursor": "next"})})

    agent.open(LI)
    agent.linked(LI)
    agent.page.route("**/api/timeline", page)
    # Opened again, it shows the customer's timeline from the start.
    agent.open(LI)
    agent.entry("Entry 61", "Done")
    agent.page.get_by_role("button", name="Older").click()
    agent.entry("Entry 60", "Done")
    agent.expect(agent.page.get_by_role("button", name="Older")).to_have_count(0)
    agent.expect(agent.page.locator("#stream-frame")).to_be_focused()
    agent.page.wait_for_timeout(4000)
    agent.expect(agent.entries).to_have_count(2)
    agent.page.unroute("**/api/timeline")


def test_note_with_markup_is_shown_as_text(agent):
    agent.open(ZOE)
    agent.linked(ZOE)
    form = agent.form("Edit Order Notes", "#1023")
    wanted = '<img src=x onerror="document.title=1"> & <b>ring</b> twice'
    form.get_by_label("Note").fill(wanted)
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.entry("Edited the note on order #1023", "Done")).to_contain_text(wanted)
    agent.expect(agent.order("#1023").locator(".note")).to_have_text(wanted)
    agent.expect(agent.page.locator("#desk img")).to_have_count(0)


def test_note_changed_meanwhile_brings_the_form_back(agent):
    agent.open(ZOE)
    agent.linked(ZOE)
    form = agent.form("Edit Order Notes", "#1003")
    other = agent.form_url("zoe.lefevre@example.com", "#1003", "Edit Order Notes")
    assert agent.as_another(other, note="From a colleague").status_code == 200
    form.get_by_label("Note").fill("Mine")
    agent.submit()
    agent.expect(form.get_by_label("Note")).to_have_accessible_description(re.compile("From a colleague"))
    agent.expect(form.get_by_label("Note")).to_have_value("Mine")
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.order("#1003").locator(".note")).to_have_text("Mine")


def test_refusal_by_shopify_is_shown_in_its_words(agent):
    agent.open(PRIYA)
    agent.linked(PRIYA)
    form = agent.form("Cancel Order", "#1017")
    form.get_by_label("Reason").select_option(index=1)
    agent.trouble({"kind": "job_fails", "document": "*", "message": "The order is under review."})
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.notice).to_contain_text("The order is under review.")
    agent.expect(agent.notice.get_by_role("alert")).to_be_visible()
    agent.entry("The order is under review.", "Refused")
    agent.expect(agent.order("#1017").locator(".badge", has_text="Cancelled")).to_have_count(0)


def test_refund_after_another_agents_refund_is_refused(agent):
    agent.open(MARTHA)
    agent.linked(MARTHA)
    form = agent.form("Refund Order", "#1009")
    other = agent.form_url("martha.williams@example.com", "#1009", "Refund Order")
    assert agent.as_another(other, reason="Other", notify=False).status_code == 200
    form.get_by_label("Reason").select_option("Goodwill")
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.notice).to_contain_text("nothing is left to refund")
    agent.entry("Refunded $114.00 on order #1009", "Done")
    agent.expect(agent.order("#1009").get_by_role("button", name="Refund Order")).to_have_count(0)


def test_action_switched_off_while_the_form_is_open_is_refused(agent):
    agent.open(ZOE)
    agent.linked(ZOE)
    form = agent.form("Edit Order Tags", "#1023")
    agent.switch("edit_order_tags", "false")
    try:
        form.get_by_label("Tags").fill("late")
        agent.submit()
        agent.wait_till_done()
        agent.expect(agent.notice).to_contain_text("switched off")
        agent.entry("switched off", "Refused")
    finally:
        agent.switch("edit_order_tags", "true")


def test_manual_search_finds_a_guest_who_is_linked(agent):
    agent.open("Sam Rivera")
    agent.expect(agent.profile).to_contain_text(NOBODY)
    agent.expect(agent.page.get_by_role("button", name="Actions for the customer")).to_be_disabled()
    agent.profile.get_by_label("Email address").fill("nobody@example.org")
    agent.profile.get_by_role("button", name="Search").click()
    agent.expect(agent.profile).to_contain_text("No customer was found, or the store could not be reached.")
    agent.profile.get_by_label("Search by").select_option("Order number")
    agent.expect(agent.profile).not_to_contain_text("No customer was found")
    agent.profile.get_by_role("textbox", name="Order number").fill("1025")
    agent.profile.get_by_role("button", name="Search").click()
    agent.profile.get_by_role("button", name="Link Guest").click()
    agent.linked("Guest")
    agent.order("#1025")
    agent.page.reload()
    agent.open("Sam Rivera")
    agent.linked("Guest")
    agent.profile.get_by_role("button", name="Unlink").click()
    agent.expect(agent.profile).to_contain_text(NOBODY)


def test_two_matches_let_the_agent_choose(agent):
    agent.open("+1 415 555 0123")
    agent.expect(agent.profile).to_contain_text("2 customers match.")
    agent.profile.get_by_role("button", name="Link Tom Marsh").click()
    agent.linked("Tom Marsh")
    agent.profile.get_by_role("button", name="Unlink").click()
    agent.profile.get_by_role("button", name="Link Lena Marsh").click()
    agent.linked("Lena Marsh")
    agent.open(PRIYA)
    agent.linked(PRIYA)
    agent.profile.get_by_role("button", name="Unlink").click()
    agent.expect(agent.profile).to_contain_text("the link is no longer made automatically")


def test_conversation_is_opened_with_a_typed_address(agent):
    agent.open_address("no address")
    agent.expect(agent.page.get_by_label("Open a conversation")).to_have_attribute("aria-invalid", "true")
    agent.open_address("fatima@example.com")
    agent.linked("Fatima Al-Sabah")
    agent.expect(agent.order("#1021")).to_contain_text("KWD")


def test_submit_disables_the_button_and_shows_a_timer(agent):
    agent.open(ZOE)
    agent.linked(ZOE)
    form = agent.form("Edit Order Notes", "#1007")
    form.get_by_label("Note").fill("Slow, but done")
    agent.trouble({"kind": "slow", "seconds": 2.0})
    agent.submit()
    agent.expect(form.locator("button[type=submit]")).to_be_disabled()
    agent.expect(form.locator(".working")).to_contain_text("2 s of 15 s")
    # Browsers limit how often a page may prevent this.
    for _ in range(3):
        agent.page.keyboard.press("Escape")
        agent.page.wait_for_timeout(100)
    agent.expect(form).to_be_visible()
    agent.expect(form.locator(".working")).to_be_visible()
    agent.wait_till_done()
    agent.entry("Edited the note on order #1007", "Done")


def test_submitting_form_closed_by_the_browser_reopens(agent):
    agent.open(ZOE)
    agent.linked(ZOE)
    form = agent.form("Edit Order Notes", "#1007")
    form.get_by_label("Note").fill("Closed by the browser")
    agent.trouble({"kind": "slow", "seconds": 2.0})
    agent.submit()
    form.evaluate("it => it.close()")
    agent.expect(form.locator(".working")).to_be_visible()
    agent.wait_till_done()
    agent.entry("Closed by the browser", "Done")


def test_shopify_down_shows_an_empty_profile_until_it_is_back(agent):
    agent.page.get_by_role("button", name="Requests").click()
    agent.page.get_by_role("button", name="Down", exact=True).click()
    agent.expect(agent.page.locator("#trouble-sign")).to_have_text("Shopify: down")
    agent.open(LI)
    agent.expect(agent.profile).to_contain_text(NOBODY)
    agent.page.get_by_role("button", name="Works", exact=True).click()
    agent.profile.get_by_role("button", name="Try again").click()
    agent.linked(LI)
    agent.page.get_by_role("button", name="Down", exact=True).click()
    agent.profile.get_by_role("button", name="Refresh the profile").click()
    agent.expect(agent.profile).to_contain_text("The customer stays linked")
    agent.page.get_by_role("button", name="Works", exact=True).click()
    agent.profile.get_by_role("button", name="Try again").click()
    agent.linked(LI)


def test_lost_answer_is_reconciled_later(agent):
    agent.open_address("aiko.tanaka@example.com")
    agent.linked("Aiko Tanaka")
    agent.page.get_by_role("button", name="Requests").click()
    agent.page.get_by_role("button", name="Answers lost").click()
    agent.expect(agent.page.locator("#trouble-sign")).to_have_text("Shopify: answers lost")
    agent.page.get_by_role("button", name="Close the requests").click()
    form = agent.form("Refund Order", "#1020")
    form.get_by_label("Reason").select_option("Goodwill")
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.notice).to_have_class(re.compile("wait"))
    agent.entry("Refund order #1020", "Being checked")
    agent.open(MARTHA)
    agent.expect(agent.notice).to_have_count(0)
    agent.page.reload()
    agent.open("aiko.tanaka@example.com")
    agent.entry("#1020", "Being checked")
    told = agent.order("#1020").locator(".told")
    agent.expect(told).to_have_text(re.compile(r"Refund of ¥3600 being checked since \d\d:\d\d"))
    agent.trouble()
    agent.entry("on order #1020", "Done", within=RECONCILED)
    agent.expect(agent.entries.filter(has_text="Being checked")).to_have_count(0)
    agent.expect(agent.order("#1020").locator(".badge", has_text="Refunded")).to_be_visible(timeout=20_000)
    agent.expect(told).to_have_text(re.compile(r"Refunded ¥3600, confirmed \d\d:\d\d"))
    # Orderdesk has also written it into the helpdesk's own timeline.
    activity = agent.page.locator("#stream .activity")
    agent.expect(activity).to_have_count(1, timeout=20_000)
    agent.expect(activity).to_contain_text("Orderdesk added to the customer's timeline")
    agent.expect(activity).to_contain_text("Refunded ¥3600 on order #1020")
    agent.expect(activity).to_contain_text("We confirmed this in Shopify later.")
    agent.expect(activity.get_by_role("link", name="Open order #1020")).to_be_visible()
    assert agent.serious() == []


def test_desk_works_with_the_keyboard_only(agent):
    keyboard = agent.page.keyboard
    agent.linked(MARTHA)
    agent.tab_to(ZOE)
    keyboard.press("Enter")
    agent.linked(ZOE)
    agent.tab_to("#1023")
    agent.tab_to("Edit Order Tags #1023")
    keyboard.press("Enter")
    agent.expect(agent.dialog.get_by_label("Tags")).to_be_focused()
    keyboard.press("Escape")
    agent.expect(agent.dialog).not_to_be_visible()
    agent.expect(agent.order("#1023").get_by_role("button", name="Edit Order Tags")).to_be_focused()
    keyboard.press("Enter")
    agent.expect(agent.dialog.get_by_label("Tags")).to_be_focused()
    for _ in range(4):
        keyboard.press("Tab")
        assert agent.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    agent.dialog.get_by_label("Tags").focus()
    keyboard.press("Control+A")
    keyboard.type("by keyboard")
    keyboard.press("Enter")
    agent.wait_till_done()
    agent.entry("Added by keyboard", "Done")
    agent.expect(agent.order("#1023").get_by_role("button", name="Edit Order Tags")).to_be_focused()
    agent.tab_to("Actions for the customer", backwards=True)
    keyboard.press("Enter")
    agent.expect(agent.page.get_by_role("menuitem")).to_be_focused()
    keyboard.press("Escape")
    agent.expect(agent.page.get_by_role("button", name="Actions for the customer")).to_be_focused()


def test_requests_drawer_shows_costs_and_a_working_curl_command(agent):
    agent.open(JONAS)
    agent.linked("Jonas Weber")
    agent.page.get_by_role("button", name="Requests").click()
    drawer = agent.page.locator("#requests")
    agent.expect(drawer).to_be_visible()
    above, below = agent.page.locator("#timeline").bounding_box(), drawer.bounding_box()
    assert above["y"] + above["height"] <= below["y"] + 1
    lookup = drawer.locator("li", has_text="Lookup").first
    agent.expect(lookup.locator(".path")).to_contain_text("/stores/demo DETAILED")
    agent.expect(drawer.locator("li", has_text="BASIC +4915112345678").first).to_be_visible()
    lookup.locator("summary").first.click()
    agent.expect(lookup).to_contain_text("CustomerProfile")
    lookup.locator(".call summary", has_text="CustomerProfile").click()
    agent.expect(lookup.get_by_role("region", name="CustomerProfile")).to_contain_text("query CustomerProfile")
    agent.expect(lookup).to_contain_text("Signature=••••")
    agent.expect(lookup.locator(".cost")).to_contain_text(re.compile(r"1 Shopify call, cost \d+"))
    lookup.get_by_role("button", name="Copy as curl").click()
    agent.expect(lookup.get_by_role("button", name="Copied")).to_be_visible()
    line = agent.page.evaluate("navigator.clipboard.readText()")
    assert line.startswith("curl -sS -X POST") and agent.demo["signing_key"] not in line
    said = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout
    assert "Jonas Weber" in said
    assert agent.demo["signing_key"] not in agent.page.content()


def test_configuration_page_changes_parameters(agent):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    agent.expect(page.locator(".all-there")).to_be_visible()
    agent.expect(page.locator("#scopes li", has_text="write_orders")).to_contain_text("Granted")
    notes = page.get_by_role("switch", name="Edit Order Notes")
    row = page.locator(".setting", has=notes)
    agent.expect(row).to_contain_text("Turn off")
    agent.expect(row.locator("code")).to_contain_text("/actions/edit_order_notes/enabled --value false")
    notes.uncheck()
    agent.expect(row.locator("code")).to_contain_text("--value true")
    agent.expect(notes).to_be_focused()
    page.get_by_role("switch", name="Edit Order Notes").check()
    agent.expect(row.locator("code")).to_contain_text("--value false")
    page.get_by_role("switch", name="Master switch").uncheck()
    agent.expect(page.locator(".missing")).to_contain_text("All actions are off")
    page.get_by_role("switch", name="Master switch").check()
    agent.expect(page.locator(".all-there")).to_be_visible()
    reasons = page.get_by_label("Reasons for a refund")
    reasons.fill("Too late\nToo small")
    lines = page.locator(".setting", has=reasons).locator("code")
    page.locator(".setting", has=reasons).get_by_role("button", name="Save").click()
    agent.expect(lines).to_have_count(2)
    agent.expect(lines.first).to_contain_text("'Too late, Too small'")
    agent.expect(lines.last).to_contain_text("delete-parameter")
    page.get_by_label("Reasons for a refund").fill("")
    page.locator(".setting", has=reasons).get_by_role("button", name="Save").click()
    agent.expect(lines).to_have_count(1)
    agent.expect(lines).to_contain_text("put-parameter")
    content = page.content()
    assert not [name for name in ("signing_key", "bearer_token", "shopify_token") if agent.demo[name] in content]


def test_unsaved_text_survives_a_changed_switch(agent):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    page.get_by_label("Reasons for a refund").fill("Not saved yet")
    page.get_by_label("Handle").fill("out")
    notes = page.get_by_role("switch", name="Edit Order Notes")
    row = page.locator(".setting", has=notes)
    notes.uncheck()
    agent.expect(row).to_contain_text("Turn on")
    notes.check()
    agent.expect(row).to_contain_text("Turn off")
    agent.expect(page.get_by_label("Reasons for a refund")).to_have_value("Not saved yet")
    agent.expect(page.get_by_label("Handle")).to_have_value("out")


def test_expanded_limits_stay_expanded(agent):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    limits, others = agent.limits("Refund Order"), page.locator("details.limits", has_text="Cancel Order")
    notes = page.get_by_role("switch", name="Edit Order Notes")
    for on in (False, True):
        notes.set_checked(on)
        agent.expect(page.locator(".setting", has=notes)).to_contain_text("Turn off" if on else "Turn on")
        agent.expect(limits).to_have_attribute("open", "")
    # Back on the page, an admin clicks before the new values are there.
    page.get_by_role("button", name="Desk", exact=True).click()
    waiting: list[Any] = []
    page.route("**/api/settings?*", lambda route: waiting.append(route))
    with page.expect_request("**/api/settings?*"):
        page.get_by_role("button", name="Configuration").click()
    limits.locator("summary").click()
    others.locator("summary").click()
    with page.expect_response("**/api/settings?*"):
        for route in waiting:
            route.continue_()
    agent.expect(page.locator(".all-there")).to_be_visible()
    agent.expect(limits).not_to_have_attribute("open", "")
    agent.expect(others).to_have_attribute("open", "")


@pytest.mark.parametrize(
    ("label", "text", "says"),
    [
        ("Reasons for a refund", "Late\nToo small, too large", "has a comma"),
        ("Default country", "Germany", "two-letter"),
        ("Default country", "ZZ", "two-letter"),
        ("Shopify domain", "evil.example", "my-store.myshopify.com"),
    ],
)
def test_invalid_parameter_shows_an_error_at_its_field(agent, label, text, says):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    row = page.locator(".setting", has=page.get_by_label(label))
    box = row.get_by_role("textbox")
    box.fill(text)
    row.get_by_role("button", name="Save").click()
    agent.expect(box).to_have_attribute("aria-invalid", "true")
    agent.expect(box).to_have_accessible_description(re.compile(says))
    agent.expect(box).to_be_focused()
    agent.expect(agent.notice).to_have_count(0)
    agent.expect_400()


def test_missing_scope_is_listed_at_the_top(agent):
    scopes = [
        {"name": "write_discounts", "purpose": "Create discount codes", "optional": False, "granted": False},
        {"name": "read_all_orders", "purpose": "Show orders older than 60 days", "optional": True, "granted": False},
    ]
    agent.page.route("**/api/access?*", lambda route: route.fulfill(json={"scopes": scopes}))
    agent.page.get_by_role("button", name="Configuration").click()
    agent.expect(agent.page.locator(".missing li")).to_have_count(1)
    agent.expect(agent.page.locator(".missing")).to_contain_text("write_discounts")
    agent.expect(agent.page.locator(".all-there")).to_have_count(0)


def test_hidden_personal_data_is_listed_at_the_top(agent):
    denied = ["customers.defaultEmailAddress", "orders.customer"]
    agent.page.route("**/api/access?*", lambda route: route.fulfill(json={"scopes": [], "denied": denied}))
    agent.page.get_by_role("button", name="Configuration").click()
    agent.expect(agent.page.locator(".missing li")).to_have_count(1)
    agent.expect(agent.page.locator(".missing")).to_contain_text("customers.defaultEmailAddress, orders.customer")


def test_added_store_lists_what_is_missing(agent):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    handle = page.get_by_label("Handle")
    handle.fill("Bad Handle")
    page.get_by_role("button", name="Add the store").click()
    agent.expect(handle).to_have_accessible_description(re.compile("lower-case letters"))
    agent.expect(handle).to_be_focused()
    handle.fill("outlet")
    page.locator("#new-domain").fill(agent.demo["shopify_url"])
    page.get_by_role("button", name="Add the store").click()
    missing = page.locator(".missing")
    for what in ("No key for the helpdesk", "No Shopify credentials", "All actions are off", "No default country"):
        agent.expect(missing).to_contain_text(what)
    agent.expect(page.locator("#scopes")).to_contain_text("could not be checked")
    agent.expect(page.locator("#settings-store")).to_have_value("outlet")
    agent.expect(missing).to_be_in_viewport()


def test_limit_is_set_and_refuses_a_refund(agent):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    limits = agent.limits("Refund Order")
    row = limits.locator(".setting", has=page.locator("[id='limit-actions/refund_order/limit']"))
    box = row.get_by_role("textbox")
    box.fill("$100")
    row.get_by_role("button", name="Save").click()
    agent.expect(box).to_have_accessible_description(re.compile("plain number"))
    box.fill("100")
    row.get_by_role("button", name="Save").click()
    agent.expect(page.locator("details.limits summary", has_text="at most in one submit: 100")).to_be_visible()
    assert not agent.serious() and not agent.overflow()
    agent.expect_400()
    try:
        page.get_by_role("button", name="Desk", exact=True).click()
        agent.refund(PRIYA, "#1017")
        agent.expect(agent.notice).to_contain_text("$129.00 is above your store's limit")
        agent.entry("above your store's limit", "Refused")
    finally:
        page.get_by_role("button", name="Configuration").click()
        agent.limits("Refund Order")
        box.fill("")
        row.get_by_role("button", name="Save").click()
        agent.expect(page.locator("details.limits summary", has_text="at most in one submit")).to_have_count(0)


def test_desk_without_its_token_shows_nothing(agent):
    other = agent.page.context.browser.new_context()
    page = other.new_page()
    page.goto(agent.demo["desk_url"].partition("#")[0])
    agent.expect(page.get_by_role("alert")).to_contain_text("Open the desk with the address shown in the terminal.")
    # Pasting the right address into the same tab does not load the page by itself.
    page.goto(agent.demo["desk_url"])
    agent.expect(page.locator("#store")).to_have_text("demo")
    other.close()


def test_skip_link_focuses_the_timeline_and_keeps_the_token(agent):
    agent.linked(MARTHA)
    agent.page.reload()
    agent.linked(MARTHA)
    agent.page.keyboard.press("Tab")
    agent.expect(agent.page.get_by_role("link", name="Go to the conversation")).to_be_focused()
    agent.page.keyboard.press("Enter")
    agent.expect(agent.page.locator("#timeline-title")).to_be_focused()
    agent.page.goto(agent.demo["desk_url"].partition("#")[0] + "#main")
    agent.page.reload()
    agent.linked(MARTHA)


@pytest.mark.parametrize("agent", [{"width": 360, "height": 740}], indirect=True)
def test_focus_follows_the_pane_in_a_narrow_window(agent):
    agent.open(ZOE)
    agent.expect(agent.page.locator("#timeline-title")).to_be_focused()
    agent.expect(agent.page.locator("#timeline-title")).to_have_text(ZOE)


@pytest.fixture
def deployed(demo, browser):
    """The desk as an admin starts it for their own store: with its address and key."""
    from tests.desk.playing import Agent

    environment = os.environ | {"ORDERDESK_KEY": demo["signing_key"], "ORDERDESK_TOKEN": ""}
    command = [sys.executable, "-m", "local.desk", "--url", demo["base_url"], "--port", "0", "--agent", "Jo Admin"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        agent = Agent(demo | {"desk_url": server.stdout.readline().strip()}, browser)
        yield agent
        complaints = agent.leave()
        server.terminate()
    # An invalid request gets a 400, which the browser reports too.
    assert [said for said in complaints if "status of 400" not in said] == []


def test_desk_works_with_a_deployed_store(deployed):
    agent, page = deployed, deployed.page
    agent.expect(page.locator(".conversation")).to_have_count(0)
    agent.expect(page.locator("#timeline")).to_contain_text("Open one on the left, with a customer's email address")
    agent.expect(page.get_by_label("Open a conversation")).to_be_focused()
    agent.open_address("sean.o'brien@example.com")
    agent.linked("Sean O'Brien")
    agent.form("Edit Order Tags", "#1004").get_by_label("Tags").fill("tried out")
    agent.submit()
    agent.wait_till_done()
    agent.expect(agent.entry("Added tried out", "Done")).to_contain_text("Jo Admin")
    page.get_by_role("button", name="Requests").click()
    agent.expect(page.get_by_role("button", name="Answers lost")).to_have_count(0)
    agent.expect(page.locator("#requests li", has_text="Submit").first).to_be_visible()
    page.get_by_role("button", name="Configuration").click()
    agent.expect(page.locator("#settings")).to_contain_text("STAGE=")
    agent.expect(page.get_by_role("button", name="Try again")).to_be_visible()


SCREENS = ("main", "long data", "form", "errors", "no match", "two matches", "configuration", "requests", "menu")


def lengthen(route):
    """A profile in which every text has the maximum length and no place for a line break."""
    reply = route.fetch().json()
    for customer in (reply["body"] or {}).get("results", []):
        for order in customer.get("transactions", []):
            order["tags"] = ", ".join(letter * 40 for letter in "abc")
            order["note"] = "n" * 300
            for product in order["products"]:
                product |= {"name": "p" * 120, "sku": "s" * 60}
    route.fulfill(json=reply)


def show(agent, screen):
    """Show a screen at any window width."""
    page = agent.page
    narrow = page.viewport_size["width"] < 900

    def customer():
        if narrow:
            page.get_by_role("button", name="Customer", exact=True).click()

    if screen == "configuration":
        page.get_by_role("button", name="Configuration").click()
        agent.expect(page.locator("#scopes li").first).to_be_visible()
        return
    who = {"no match": "Sam Rivera", "two matches": "+1 415 555 0123"}.get(screen, MARTHA)
    agent.open(who)
    if screen == "menu":
        button = page.get_by_role("button", name="Actions for the customer")
        agent.expect(button).to_be_enabled()
        button.click()
        return
    if screen == "requests":
        page.get_by_role("button", name="Requests").click()
        page.locator("#requests summary").first.click()
        page.get_by_role("button", name="Answers lost").click()
        agent.expect(page.locator("#trouble-sign")).to_have_text("Shopify: answers lost")
        return
    customer()
    if screen in ("no match", "two matches"):
        agent.expect(agent.profile.locator(".why")).to_be_visible()
        return
    agent.linked(who)
    if screen in ("form", "errors"):
        agent.form("Refund Order", "#1029")
    if screen == "errors":
        agent.submit()
        agent.expect(agent.dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    "agent",
    [{}, {"scheme": "dark"}, {"width": 360, "height": 740}, {"width": 320, "height": 640, "scheme": "dark"}],
    ids=["wide light", "wide dark", "narrow light", "narrowest dark"],
    indirect=True,
)
@pytest.mark.parametrize("screen", SCREENS)
def test_screen_has_no_accessibility_violations_or_overflow(agent, screen):
    if screen == "long data":
        agent.page.route("**/api/lookup", lengthen)
    show(agent, screen)
    agent.page.wait_for_timeout(300)
    assert agent.serious() == []
    assert agent.overflow() == []
