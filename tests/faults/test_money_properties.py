"""Any order, and any sequence of forms, submits, resends, faults, stops and reconciler runs: no money moves twice,
nothing is missing from the timeline, and the timeline agrees with Shopify."""

import json
import os
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from local.in_process import deployment
from local.sandbox import Fault
from local.sandbox.orders import UNDER_WAY, Line, Refund, Transaction
from local.sandbox.seed import add
from orderdesk.actions import ITEMS as REFUND_ITEMS
from tests.clock import Clock
from tests.faults.acting import MONEY, SUBMITS, reconciled
from tests.faults.calls import Calls, Stopped
from tests.faults.table import FAULTS
from tests.faults.truth import back_to, check
from tests.functions.approving import of

CURRENCIES = {"USD": (2, "1"), "JPY": (0, "0.0067"), "KWD": (3, "3.25"), "EUR": (2, "1.08")}
GATEWAYS = ("shopify_payments", "gift_card", "paypal", "manual", "Cash on Delivery (COD)")
ITEMS = REFUND_ITEMS.slug
NEVER_ENDS = "the job never ends"
BREAKS = [name for name in FAULTS if name != NEVER_ENDS]

amounts = st.integers(1, 200_000)
#: What is chosen of some items: quantities by the place of the line, or all; shipping; where to; whether to confirm.
choices = st.fixed_dictionaries(
    {
        "items": st.sampled_from(["all", "chosen", "chosen"]),
        "quantities": st.lists(st.integers(0, 3), min_size=3, max_size=3),
        "shipping": st.sampled_from(["none", "none", "all", "amount"]),
        "to": st.sampled_from(["original", "original", "credit"]),
        "confirmed": st.sampled_from([True, True, False]),
        # By whom it is decided at once, if it waits for a second person.
        "decided": st.sampled_from(
            [("approve", "bob"), ("approve", "bob"), ("decline", "carol"), ("approve", "ann"), None]
        ),
    }
)
#: An action, which of the open forms to use (None: a new one), and what is chosen if it is about items.
forms = st.tuples(st.sampled_from(MONEY), st.none() | st.integers(0, 5), choices)
pauses = st.sampled_from([0, 1, 5, 61, 300, 2400, 7200, 172_800])


class Money(RuleBasedStateMachine):
    """One order, several agents, and everything that may go wrong."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.desk = self.stack.enter_context(deployment())
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in {
            "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        }.items():  # fmt: skip
            patch.setenv(name, value)
        Clock(self.desk.clock, patch)
        self.calls = Calls(self.desk)
        self.calls.stop_at(-1, "never")
        self.urls: list[tuple[str, str]] = []

    @initialize(
        currency=st.sampled_from(list(CURRENCIES)),
        prices=st.lists(st.tuples(amounts, st.integers(1, 3), st.sampled_from([0, 0, 250])), min_size=1, max_size=3),
        shipping=st.sampled_from([0, 500]),
        tenders=st.lists(st.tuples(st.sampled_from(GATEWAYS), st.integers(1, 9)), min_size=1, max_size=4),
        captured=st.booleans(),
        paid=st.sampled_from([10, 10, 10, 5, 0]),
        back=st.integers(0, 3),
        job_seconds=st.sampled_from([0, 2, 90]),
        counted=st.sampled_from(["under way", "successes"]),
        shown_first=st.booleans(),
        approved=st.booleans(),
    )
    def an_order(
        self, currency, prices, shipping, tenders, captured, paid, back, job_seconds, counted, shown_first, approved
    ):
        places, rate = CURRENCIES[currency]

        def money(minor):
            return Decimal(minor).scaleb(-places)

        lines = [Line(f"Thing {n}", money(p), q, duty=money(d)) for n, (p, q, d) in enumerate(prices)]
        total = sum(p * q + d for p, q, d in prices) + shipping
        shares = [total * paid // 10 * weight // sum(w for _, w in tenders) for _, weight in tenders]
        payments = [Transaction("AUTHORIZATION", money(total))] if captured else []
        kind = "CAPTURE" if captured else "SALE"
        payments += [
            Transaction(kind, money(share), gateway)
            for share, (gateway, _) in zip(shares, tenders, strict=True)
            if share
        ]
        customer = self.desk.store.customers[0]
        self.order = add(
            self.desk.store, customer, lines, payments,
            currency=currency, rate=Decimal(rate), shipping=money(shipping),
        )  # fmt: skip
        self.desk.sandbox.mutations.job_seconds = job_seconds
        self.desk.store.count(counted)
        self.desk.set(actions__refund_items__confirm=str(shown_first).lower())
        if approved:
            names = [action.replace("-", "_") for action in MONEY]
            self.desk.set(limits=json.dumps({f"actions/{name}/approval_above": "1" for name in names}))
        if back:
            self._refund_in_admin(Decimal(back) / 10)

    @rule(
        which=st.integers(0, 5),
        kind=st.sampled_from(["approve", "approve", "approve", "decline"]),
        agent=st.sampled_from(["bob", "bob", "carol", "ann"]),
        name=st.sampled_from([None] * 2 * len(BREAKS) + BREAKS),
        stop=st.sampled_from([None] * 24 + [(number, when) for number in range(12) for when in ("before", "after")]),
    )
    def a_second_person_decides(self, which, kind, agent, name, stop):
        if not self.urls:
            return
        urls = [url for _, url in self.urls]
        # What waits, if something does.
        urls = [url for url in urls if self.desk.operation(url)["state"] == "WAITING"] or urls
        url = urls[which % len(urls)]
        if name:
            self.desk.sandbox.faults.put(Fault(**({"times": 1} | FAULTS[name])))
        self.calls.stop_at(*(stop or (-1, "never")))
        try:
            self._decide(url, kind, agent)
        except Stopped:
            event("process stopped")
        finally:
            self.desk.sandbox.faults.clear()
            self.calls.go_on()

    @rule(form=forms)
    def a_form_is_submitted(self, form):
        self._submit(form)

    @rule(form=forms, name=st.sampled_from(BREAKS), skip=st.integers(0, 2), once=st.booleans())
    def shopify_breaks_meanwhile(self, form, name, skip, once):
        event(name)
        faults = [Fault(**({"skip": skip, "times": 1 if once else None} | FAULTS[name]))]
        self._submit(form, faults=faults)

    @rule(form=forms, number=st.integers(0, 18), when=st.sampled_from(["before", "after"]))
    def the_process_ends_meanwhile(self, form, number, when):
        self._submit(form, stop=(number, when))

    @rule(seconds=pauses)
    def the_reconciler_runs(self, seconds):
        self.desk.reconcile(later=timedelta(seconds=seconds))

    @rule(number=st.integers(0, 6), when=st.sampled_from(["before", "after"]))
    def the_reconciler_ends_meanwhile(self, number, when):
        self.calls.stop_at(number, when)
        try:
            self.desk.reconcile(later=timedelta(seconds=70))
        except Stopped:
            event("reconciler stopped")
        self.calls.go_on()

    @rule(tenths=st.integers(1, 10))
    def somebody_refunds_in_the_shopify_admin(self, tenths):
        # No precondition: whether a job is done depends on the clock, and a story must be repeatable.
        if all(job.done for job in self.desk.store.jobs):
            self._refund_in_admin(Decimal(tenths) / 10)

    @rule()
    def somebody_fulfils_a_line(self):
        self.order.lines[0].fulfilled = self.order.lines[0].quantity

    @rule(ends=st.sampled_from(["SUCCESS", "SUCCESS", "FAILURE", "ERROR", "PENDING", "UNKNOWN"]))
    def the_provider_goes_on_with_what_is_under_way(self, ends):
        for t in self.order.transactions:
            t.status = ends if t.kind == "REFUND" and t.status in UNDER_WAY else t.status

    def _submit(self, form, *, faults=(), stop=(-1, "never")):
        """Submit one of the open forms, or a new one."""
        action, which, choice = form
        if which is None or not self.urls:
            opened = self.desk.send("GET", f"/actions/{action}?order={self.order.number}")
            assert opened.status in (200, 400, 406), opened.body
            if opened.status != 200:
                return
            self.urls.append((action, opened.body["actionUrl"]))
        action, url = self.urls[-1 if which is None else which % len(self.urls)]
        self.desk.sandbox.faults.put(*faults)
        self.calls.stop_at(*stop)
        try:
            values = SUBMITS[action] if action != ITEMS else self._chosen(url, choice)
            answer = self.desk.send("POST", url, values, headers=of("ann"))
            event(f"{action} {answer.status}")
            assert answer.status in (200, 400, 406), answer.body
            if answer.status == 400 and answer.body["errors"][0]["code"] == "confirm" and choice["confirmed"]:
                self.desk.clock.shift(timedelta(seconds=2))
                answer = self.desk.send("POST", url, values, headers=of("ann"))
                event(f"{action} confirmed {answer.status}")
                assert answer.status in (200, 400, 406), answer.body
            if answer.body.get("code") == "waiting_for_approval" and choice["decided"]:
                self._decide(url, *choice["decided"])
        except Stopped:
            event("process stopped")
        finally:
            self.desk.sandbox.faults.clear()
            self.calls.go_on()

    def _decide(self, url, kind, agent):
        """Approve or decline what an `actionUrl` has asked for."""
        answer = self.desk.send("POST", f"{url}&decision={kind}", {"note": ""}, headers=of(agent))
        event(f"{kind} by {agent} {answer.status}")
        assert answer.status in (200, 400, 406), answer.body

    def _chosen(self, url, choice):
        """What an agent enters: quantities of the lines that the form showed, also more than there are."""
        shown = json.loads(self.desk.operation(url)["shown"])
        values = {**SUBMITS[ITEMS], **{name: choice[name] for name in ("items", "shipping", "to")}}
        if choice["items"] == "chosen":
            values |= {f"line_{n}": q for n, q in zip(sorted(shown["lines"]), choice["quantities"], strict=False)}
        if choice["shipping"] == "amount":
            values["shipping_amount"] = "1"
        return values

    def _refund_in_admin(self, part):
        for payment in self.order.payments():
            # A refund to store credit is of no payment, and Shopify refunds no more than what is left of the order.
            amount = min((self.order.left(payment) * part).quantize(payment.amount), self.order.net)
            # Shopify may not count yet what is on its way back; a person in the admin sees it there.
            if 0 < amount <= min(self.order.left(payment), payment.amount - back_to(self.order, payment)):
                made = Transaction("REFUND", amount, payment.gateway, parent=payment)
                self.order.transactions.append(made)
                self.order.refunds.append(Refund("Refunded in the Shopify admin", self.desk.store.now(), [made]))
                return

    def teardown(self):
        try:
            if hasattr(self, "order"):
                # Jobs end first: their refunds must exist before the provider finishes them.
                self.desk.reconcile(later=timedelta(minutes=10))
                self.the_provider_goes_on_with_what_is_under_way("SUCCESS")
                reconciled(self.desk)
                check(self.desk)
        finally:
            self.stack.close()


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=int(os.environ.get("MONEY_EXAMPLES", "60")),
    stateful_step_count=int(os.environ.get("MONEY_STEPS", "14")),
    deadline=None,
    # The same stories each time, so that a change can be judged; `make prove` generates new ones.
    derandomize="MONEY_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
