"""What an agent does at the desk, in the words on the page: names, labels, texts."""

import json
import re
from typing import Any

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from local.demo.deployment import STORE
from orderdesk.actions import ACTIONS

PATIENCE = 20_000
_SERIOUS = ("serious", "critical")


class Agent:
    """An agent at the page of a demo. `page` is Playwright's, `expect` its assertions."""

    expect = staticmethod(expect)

    def __init__(
        self, demo: dict[str, Any], browser: Any, *, width: int = 1440, height: int = 900, scheme: str = "light"
    ) -> None:
        self.demo, self.complaints, self.examined = demo, list[str](), False
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB", reduced_motion="reduce"
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self._page()

    def _page(self) -> Any:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.goto(self.demo["desk_url"])
        expect(page.locator("#store")).not_to_be_empty(timeout=PATIENCE)
        return page

    def expect_400(self) -> None:
        """Forget the browser's own lines about answers with 400, which were meant to come."""
        self.complaints[:] = [said for said in self.complaints if "status of 400" not in said]

    def leave(self) -> list[str]:
        """Close the window; returns the browser's complaints."""
        self.trouble()
        self.context.close()
        # axe-core styles what it measures, which the page's own policy forbids.
        return [said for said in self.complaints if not (self.examined and "inline style" in said)]

    # What the agent does

    def open(self, name: str) -> None:
        """Choose a conversation."""
        self.page.locator(".conversation", has_text=name).click()

    def open_address(self, address: str) -> None:
        """Open a conversation with a customer who is not in the list."""
        self.page.get_by_label("Open a conversation").fill(address)
        self.page.get_by_role("button", name="Open", exact=True).click()

    def linked(self, name: str) -> None:
        """Check that the profile is linked to the customer with this name."""
        expect(self.profile.locator(".badge", has_text="Linked").first).to_have_text("Linked", timeout=PATIENCE)
        expect(self.profile.locator(".person h3")).to_have_text(name, timeout=PATIENCE)

    def order(self, number: str) -> Locator:
        """The card of an order, expanded."""
        card = self.profile.locator("details.order").filter(has=self.page.locator("summary strong", has_text=number))
        return self._expanded(card)

    def form(self, action: str, number: str = "") -> Locator:
        """Open an action's form on an order, or without an order from the plus menu."""
        if number:
            self.order(number).get_by_role("button", name=action).click()
        else:
            self.page.get_by_role("button", name="Actions for the customer").click()
            self.page.get_by_role("menuitem", name=action).click()
        expect(self.dialog).to_be_visible(timeout=PATIENCE)
        return self.dialog

    def limits(self, action: str) -> Locator:
        """An action's limits on the configuration page, expanded."""
        limits = self.page.locator("details.limits").filter(has=self.page.locator("summary b", has_text=action))
        return self._expanded(limits)

    def _expanded(self, details: Locator) -> Locator:
        expect(details).to_be_visible(timeout=PATIENCE)
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        return details

    def submit(self) -> None:
        """Press the form's submit button."""
        self.dialog.locator("button[type=submit]").click()

    def refund(self, name: str, number: str) -> None:
        """Open a conversation and refund one of the customer's orders."""
        self.open(name)
        self.linked(name)
        form = self.form("Refund Order", number)
        form.get_by_label("Reason").select_option("Goodwill")
        self.submit()
        self.wait_till_done()

    def be(self, name: str) -> None:
        """Become another agent."""
        self.page.get_by_label("You are").select_option(name)

    def wait_till_done(self) -> None:
        """Wait until the form is closed."""
        expect(self.dialog).not_to_be_visible(timeout=PATIENCE)

    # What the agent sees

    @property
    def profile(self) -> Locator:
        return self.page.locator("#profile")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog#form")

    @property
    def notice(self) -> Locator:
        return self.page.locator("#notices .notice")

    @property
    def entries(self) -> Locator:
        return self.page.locator("#stream .done")

    def entry(self, text: str, outcome: str, *, within: int = PATIENCE) -> Locator:
        """The timeline entry with this text and outcome, as soon as it appears."""
        found = self.entries.filter(has_text=text).filter(has=self.page.locator(".badge", has_text=outcome))
        expect(found.first).to_be_visible(timeout=within)
        return found

    # What others do

    def trouble(self, *faults: dict[str, Any]) -> None:
        """Break Shopify; without faults, repair it."""
        headers = {"X-Shopify-Access-Token": self.demo["shopify_token"]}
        url = f"{self.demo['shopify_url']}/_sandbox/faults"
        requests.put(url, json={"faults": list(faults)}, headers=headers, timeout=10).raise_for_status()

    def switch(self, action: str, value: str) -> None:
        """Set a switch, as an admin elsewhere does."""
        assert action in {a.name for a in ACTIONS}
        self._set(f"actions/{action}/enabled", value)

    def set_limits(self, values: dict[str, str]) -> None:
        """Set the store's limits by their names, as an admin elsewhere does."""
        self._set("limits", json.dumps(values))

    def _set(self, name: str, value: str) -> None:
        import boto3

        ssm = boto3.client(
            "ssm", endpoint_url=self.demo["aws_endpoint_url"], region_name=self.demo["region"],
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip
        path = f"/orderdesk/{self.demo['stage']}/stores/{STORE}/{name}"
        ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)

    def as_another(self, form_url: str, **values: Any) -> requests.Response:
        """Open a form and submit it, as another agent does."""
        headers = {"Authorization": f"Bearer {self.demo['bearer_token']}"}
        form = requests.get(self.demo["base_url"] + form_url, headers=headers, timeout=30).json()
        return requests.post(self.demo["base_url"] + form["actionUrl"], json=values, headers=headers, timeout=30)

    def form_url(self, email: str, number: str, action: str) -> str:
        """The `formUrl` of an action on an order, from a lookup."""
        headers = {"Authorization": f"Bearer {self.demo['bearer_token']}"}

        def ask(level: str, **query: Any) -> dict[str, Any]:
            body = {"lookupLevel": level, "query": query}
            answer = requests.post(self.demo["base_url"], json=body, headers=headers, timeout=30)
            return dict(answer.json()["results"][0])

        shown = ask("DETAILED", externalCustomerId=ask("BASIC", emails=[email])["externalCustomerId"])
        order = next(o for o in shown["transactions"] if o["orderNumber"] == number)
        return str(next(a["formUrl"] for a in order["actions"] if a["name"] == action))

    # Checks for every screen

    def serious(self) -> list[str]:
        """axe-core's serious and critical findings on the current screen."""
        self.examined = True
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {[node['target'] for node in one['nodes']][:4]}"
            for one in found
            if one["impact"] in _SERIOUS
        ]

    def overflow(self) -> list[str]:
        """Elements that extend beyond the right edge of the window or of their card."""
        return list(
            self.page.evaluate(
                """() => [...document.querySelectorAll('body *')].filter((one) => {
                  const box = one.getBoundingClientRect();
                  const may = one.closest('pre, .table, .unseen, .skip');
                  const card = one.closest('details.order, .setting, .notice, .troubles');
                  const end = card ? card.getBoundingClientRect().right : document.documentElement.clientWidth;
                  return box.width && !may && box.right > end + 1;
                }).map((one) => one.tagName + '.' + one.className)"""
            )
        )

    def tab_to(self, name: str, *, backwards: bool = False, at_most: int = 60) -> None:
        """Press Tab until the element with this accessible name has the focus."""
        for _ in range(at_most):
            self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
            said = self.page.evaluate(
                """() => { const it = document.activeElement;
                  return it.getAttribute('aria-label') || (it.labels && it.labels[0] && it.labels[0].textContent)
                    || it.textContent || ''; }"""
            )
            if re.search(name, said):
                return
        raise AssertionError(f"Tab does not reach {name!r}")
