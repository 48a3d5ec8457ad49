import pytest

ORDER = "#1017"  # VIP, gift


def tags(desk):
    return desk.store.order(ORDER).tags


def test_adds_and_removes_by_difference(desk):
    form = desk.form("edit-order-tags", ORDER).body
    assert form["sections"][0]["defaultValue"] == "VIP, gift"
    desk.store.order(ORDER).tags = ["fragile", "gift", "VIP"]
    answer = desk.send("POST", form["actionUrl"], {"tags": "VIP, call first"})
    assert answer.status == 200, answer.body
    assert tags(desk) == ["call first", "fragile", "VIP"]
    assert answer.body["detail"] == "Added call first; removed gift. The tags are now: call first, fragile, VIP."


def test_case_is_changed_by_removing_first(desk):
    assert desk.act("edit-order-tags", ORDER, tags="Vip, gift").status == 200
    assert tags(desk) == ["gift", "Vip"]


def test_all_can_go(desk):
    assert "now: none" in desk.act("edit-order-tags", ORDER, tags="").body["detail"]


def test_nothing_changed(desk):
    answer = desk.act("edit-order-tags", ORDER, tags="gift,VIP")
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "unchanged")


@pytest.mark.parametrize("text", ["x" * 41, ", ".join(f"t{n}" for n in range(260)), {"a": 1}])
def test_too_much(desk, text):
    answer = desk.act("edit-order-tags", ORDER, tags=text)
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "tags")


def test_categories_swap_the_one_tag(desk):
    desk.set(actions__edit_order_tags__categories="Late, Damaged, Wrong item")
    desk.store.order(ORDER).tags = ["gift", "Late"]
    form = desk.form("edit-order-tags", ORDER).body
    assert form["sections"][0]["defaultValue"] == "Late"
    assert "gift" in form["sections"][0]["hint"]
    assert desk.send("POST", form["actionUrl"], {"tags": "Free text"}).status == 400
    assert desk.send("POST", form["actionUrl"], {"tags": "Damaged"}).status == 200
    assert tags(desk) == ["Damaged", "gift"]


def test_refused_in_shopifys_words(desk):
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.sandbox.mutations.tags_add = lambda _info, **_: {
        "node": None,
        "userErrors": [{"field": ["tags"], "message": "Too many tags"}],
    }
    answer = desk.send("POST", url, {"tags": "VIP, gift, new"})
    assert answer.status == 406
    assert "Shopify says: Too many tags" in answer.body["errors"][0]["detail"]


def test_half_done_is_said(desk):
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.sandbox.mutations.tags_add = lambda _info, **_: {"node": None, "userErrors": [{"field": [], "message": "No"}]}
    answer = desk.send("POST", url, {"tags": "VIP, new"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "failed")
    assert answer.body["errors"][0]["detail"] == "The tags are now: VIP. Shopify says: No"
    assert desk.timeline(ORDER)[0]["outcome"] == "FAILED"


def test_what_a_helpdesk_may_send_for_a_box(desk):
    assert desk.act("edit-order-tags", ORDER, tags=5).status == 200
    assert tags(desk) == ["5"]
    assert desk.act("edit-order-tags", ORDER, tags="a\x00b\x07").status == 200
    assert tags(desk) == ["ab"]
    assert desk.act("edit-order-tags", ORDER, tags=None).status == 200
    assert tags(desk) == []
    [error] = desk.act("edit-order-tags", ORDER).body["errors"]
    assert (error["code"], error["detail"]) == ("blank", "Tags is required.")


def test_no_category_is_a_choice_of_its_own(desk):
    desk.set(actions__edit_order_tags__categories="Late, late, Damaged")
    assert desk.act("edit-order-tags", ORDER, tags="Late").status == 200
    [field] = desk.form("edit-order-tags", ORDER).body["sections"]
    choices = {o["text"]: o["value"] for o in field["input"]["options"]}
    assert list(choices) == ["No category", "Late", "Damaged"] and all(choices.values())
    assert field["defaultValue"] == "Late"
    assert desk.act("edit-order-tags", ORDER, tags=choices["No category"]).status == 200
    assert "Late" not in tags(desk) and tags(desk)
