"""The page of events in a real browser, with its own demo: what arrives, and what a receiver that fails looks like."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def note(agent, text):
    """Edit the note of one of Priya's orders, as another agent does."""
    url = agent.form_url("priya+shop@example.com", "#1017", "Edit Order Notes")
    assert agent.as_another(url, note=text).status_code == 200


@pytest.mark.parametrize("agent", [{}, {"scheme": "dark"}, {"width": 390, "height": 844}], indirect=True)
def test_event_and_each_delivery_are_shown(agent):
    page = agent.page
    page.get_by_role("button", name="Events", exact=True).click()
    agent.expect(page.get_by_role("heading", name="Events")).to_be_visible()
    page.get_by_role("button", name="Refuses").click()
    agent.expect(page.get_by_text("Answers 400.")).to_be_visible()
    # Events of other tests may still arrive.
    events = page.locator("details.event", has_text="edit_order_notes, #1017")
    before = events.count()
    note(agent, f"note {before}")
    row = events.first
    agent.expect(events).to_have_count(before + 1, timeout=40_000)
    agent.expect(row).to_contain_text("not accepted yet")
    page.get_by_role("button", name="Works").click()
    agent.expect(row).to_contain_text(re.compile("accepted.*[2-9] deliveries"), timeout=60_000)
    row.locator("summary").click()
    cells = row.locator("tbody tr")
    agent.expect(cells.first).to_contain_text("400")
    agent.expect(cells.last).to_contain_text("204")
    agent.expect(row.locator("pre")).to_contain_text("edit_order_notes")
    assert agent.serious() == [] and agent.overflow() == []
    row.locator("summary").press("Enter")
    agent.expect(row.locator("pre")).not_to_be_visible()


def test_webhook_is_on_the_configuration_page(agent):
    page = agent.page
    page.get_by_role("button", name="Configuration").click()
    box = page.get_by_label("Webhook", exact=True)
    agent.expect(box).to_have_value(re.compile(r"http://127\.0\.0\.1:\d+/webhook"))
    before = box.input_value()
    box.fill("http://example.com/")
    page.locator(".setting", has=box).get_by_role("button", name="Save").click()
    agent.expect(box).to_have_accessible_description(re.compile("begins with https://"))
    box.fill(before)
    page.locator(".setting", has=box).get_by_role("button", name="Save").click()
    agent.expect(page.locator("#missing")).not_to_contain_text("webhook")
    agent.expect_400()
