import pytest

from local.in_process import TOKEN
from orderdesk import tables, timeline


def fill(desk, customer, count):
    for start in range(0, count, 25):
        writes = []
        for n in range(start, min(start + 25, count)):
            entry = {
                "at": f"2026-11-{1 + n // 1440 % 28:02}T{n // 60 % 24:02}:{n % 60:02}:00.000Z",
                "operation": f"op{n:06}",
                "attempt": 1,
                "action": "refund_order",
                "outcome": "SUCCEEDED",
                "message": "Order #1005 was refunded.",
                "detail": "$10.00 went back to the card.",
                "customer": customer,
                "order": "5",
                "conversation": "c1",
            }
            writes.append({"PutRequest": {"Item": timeline.put("main", entry)["Put"]["Item"]}})
        desk.dynamodb.batch_write_item(RequestItems={tables.timeline_table(): writes})


@pytest.mark.parametrize("by", ["customer=77", "order=5", "conversation=c1"])
def test_pages_are_newest_first_without_gaps(desk, by):
    fill(desk, "77", 60)
    seen, cursor = [], ""
    while True:
        page = desk.send("GET", f"/timeline?{by}&limit=25{cursor}").body
        seen += [e["at"] for e in page["entries"]]
        if "cursor" not in page:
            break
        cursor = f"&cursor={page['cursor']}"
    assert len(seen) == 60 and seen == sorted(seen, reverse=True)


class Queries:
    """The timeline's DynamoDB queries, and the items that each read."""

    def __init__(self):
        self.read = []
        tables.dynamodb().meta.events.register("after-call.dynamodb.Query", self._answered)

    def _answered(self, parsed, **_):
        self.read.append(parsed["ScannedCount"])


def test_page_of_a_long_timeline_reads_no_more_items(desk):
    indexes = ["customer=77", "order=5", "conversation=c1"]
    fill(desk, "77", 10)
    few = Queries()
    last = [desk.send("GET", f"/timeline?{by}&limit=10").body["entries"][0]["at"] for by in indexes]
    fill(desk, "77", 10_000)
    many = Queries()
    for by, before in zip(indexes, last, strict=True):
        page = desk.send("GET", f"/timeline?{by}&limit=10").body
        deeper = desk.send("GET", f"/timeline?{by}&limit=10&cursor={page['cursor']}").body
        assert len(page["entries"]) == len(deeper["entries"]) == 10
        assert page["entries"][-1]["at"] > deeper["entries"][0]["at"] > before
    assert few.read[:3] == [10, 10, 10] and many.read == [10] * 6


def test_new_customer_has_an_empty_timeline(desk):
    assert desk.send("GET", "/timeline?customer=77").body == {"entries": []}


def test_entry_has_the_agent_and_conversation(desk):
    number = desk.store.order("#1003").number
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "X-Agent-Id": "7",
        "X-Agent-Name": "Ann",
        "X-Conversation-Id": "c9",
    }
    form = desk.send("GET", f"/actions/cancel-order?order={number}", headers=headers).body
    desk.send("POST", form["actionUrl"], {"reason": "OTHER"})
    [entry] = desk.send("GET", "/timeline?conversation=c9").body["entries"]
    assert (entry["agent_id"], entry["agent_name"], entry["order_name"]) == ("7", "Ann", "#1003")


@pytest.mark.parametrize(
    "query",
    [
        "", "customer=x", "order=5&customer=7", "order=abc", "customer=7&limit=0", "customer=7&limit=101",
        "customer=7&limit=x", "customer=7&cursor=!!", "customer=7&cursor=e30", "customer=7&cursor=" + "QUFB" * 300,
    ],
)  # fmt: skip
def test_malformed_query_is_refused(desk, query):
    assert desk.send("GET", f"/timeline?{query}").status == 400


def test_cursor_of_another_timeline_is_refused(desk):
    fill(desk, "77", 30)
    cursor = desk.send("GET", "/timeline?customer=77&limit=5").body["cursor"]
    assert desk.send("GET", f"/timeline?customer=78&cursor={cursor}").status == 400


def test_too_long_query_is_refused(desk):
    assert desk.send("GET", "/timeline?customer=7&x=" + "y" * 3000).status == 413
