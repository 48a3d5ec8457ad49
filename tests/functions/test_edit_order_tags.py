import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edit_order_tags.difference import box, in_the_box, of_the_box
from local.sandbox import Fault, tagging
from tests import documents

SECRETS = dict.fromkeys(("CLIENT_SECRET", "SIGNING_KEY", "BEARER_TOKEN"), "")
ORDER = "#1017"  # VIP, gift.


def tags(desk):
    return desk.store.order(ORDER).tags


def test_only_changed_tags_are_added_and_removed(desk):
    form = desk.form("edit-order-tags", ORDER).body
    assert form["sections"][0]["defaultValue"] == "VIP, gift"
    desk.store.order(ORDER).tags = ["fragile", "gift", "VIP"]
    answer = desk.send("POST", form["actionUrl"], {"tags": "VIP, call first"})
    assert answer.status == 200, answer.body
    assert tags(desk) == ["call first", "fragile", "VIP"]
    assert answer.body["detail"] == "Added call first; removed gift. The tags are now: call first, fragile, VIP."


def test_changed_case_removes_the_old_tag_first(desk):
    assert desk.act("edit-order-tags", ORDER, tags="Vip, gift").status == 200
    assert tags(desk) == ["gift", "Vip"]


def test_all_tags_can_be_removed(desk):
    assert "now: none" in desk.act("edit-order-tags", ORDER, tags="").body["detail"]


def test_unchanged_tags_are_not_written(desk):
    answer = desk.act("edit-order-tags", ORDER, tags="gift,VIP")
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "unchanged")


@pytest.mark.parametrize(
    "there",
    [
        "two  blanks", "x" * 60, "ODD cAsE", " lead", "trail ", "line\nbreak", "carriage\r\nreturn", "tab\there", "⏎",
        "\\⏎",
        "nul\x00l", "Stra\u00dfe", "e\u0301", "\u212aelvin", "comma, inside", "   ", "\U0001f44d" * 50, "日本",
    ],
)  # fmt: skip
@pytest.mark.parametrize("helpdesk", [str, lambda text: " ".join(text.split()), lambda text: text.replace(", ", ",")])
def test_untouched_tag_is_kept_exactly(desk, there, helpdesk):
    desk.store.order(ORDER).tags = ["gift", there]
    form = desk.form("edit-order-tags", ORDER).body
    shown = form["sections"][0]["defaultValue"]
    answer = desk.send("POST", form["actionUrl"], {"tags": helpdesk(f"{shown}, new")})
    assert answer.status == 200, answer.body
    assert sorted(tags(desk)) == sorted(["gift", there, "new"])
    assert desk.sent("EditOrderTags")[-1]["add"] == ["new"] and not desk.sent("EditOrderTags")[-1]["removing"]
    assert answer.body["detail"].startswith("Added new. The tags are now: ")


@pytest.mark.parametrize("there", ["two  blanks", "x" * 60, " lead", "line\nbreak", "tab\there"])
def test_tag_of_any_kind_can_be_removed(desk, there):
    desk.store.order(ORDER).tags = ["gift", there]
    assert desk.act("edit-order-tags", ORDER, tags="gift").status == 200
    assert tags(desk) == ["gift"]


def test_form_submitted_unchanged_changes_nothing(desk):
    desk.store.order(ORDER).tags = ["a  b", "a b", "VIP", "vip", "x" * 50]
    form = desk.form("edit-order-tags", ORDER).body
    answer = desk.send("POST", form["actionUrl"], {"tags": form["sections"][0]["defaultValue"]})
    assert answer.body["errors"][0]["code"] == "unchanged"
    # Of two tags that look alike, the removed one is deleted.
    assert desk.send("POST", form["actionUrl"], {"tags": f"a b, VIP, vip, {'x' * 50}"}).status == 200
    assert tags(desk) == ["a b", "VIP", "vip", "x" * 50]


@pytest.mark.parametrize(
    ("meanwhile", "typed", "after"),
    [
        # Another app's tag exists in other capitals, so there is nothing to add.
        (["gift", "VIP"], "gift, vip", None),
        (["gift", "VIP"], "gift, vip, new", ["gift", "new", "VIP"]),
        (["gift", "VIP"], "", ["VIP"]),
        (["Gift", "VIP"], "", ["VIP"]),
        (["GIFT"], "Gift", None),
        (["gift"], "Gift", ["Gift"]),
        ([], "gift, new", ["new"]),
        (["VIP"], "gift, gift, GIFT", None),
    ],
)
def test_tags_that_others_changed_are_kept(desk, meanwhile, typed, after):
    desk.store.order(ORDER).tags = ["gift"]
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.store.order(ORDER).tags = list(meanwhile)
    answer = desk.send("POST", url, {"tags": typed})
    assert answer.status == (200 if after else 400), answer.body
    assert tags(desk) == (after or meanwhile)


@pytest.mark.parametrize(
    ("there", "typed", "is_the_same"),
    [("Ärger", "ärger", True), ("\u212aelvin", "kelvin", False), ("Maße", "Masse", False), ("İ", "i", False)],
)
def test_tags_that_differ_only_in_case_are_equal(there, typed, is_the_same):
    assert of_the_box([], typed, [there]).add == ([] if is_the_same else [typed])


@pytest.mark.parametrize(("done", "outcome"), [(True, "SUCCEEDED"), (False, "FAILED")])
def test_lost_change_of_case_is_reconciled(hurried, done, outcome):
    url = hurried.form("edit-order-tags", ORDER).body["actionUrl"]
    hurried.sandbox.faults.put(Fault("reset_after" if done else "reset_before", "mutations"))
    assert hurried.send("POST", url, {"tags": "Vip, gift"}).status == 406
    hurried.sandbox.faults.clear()
    assert hurried.reconcile(later=timedelta(minutes=10)) == {"ended": 1, "waiting": 0}
    [entry] = hurried.timeline(ORDER)
    assert (entry["outcome"], tags(hurried)) == (outcome, ["gift", "Vip"] if done else ["VIP", "gift"])
    assert done or entry["message"] == f"The tags on order {ORDER} weren't changed"


def test_tags_that_do_not_fit_in_the_form_are_named_and_kept(desk):
    many = [f"{n:03}{'x' * 250}" for n in range(60)]
    desk.store.order(ORDER).tags = ["a,b", *many]
    [field] = desk.form("edit-order-tags", ORDER).body["sections"]
    assert len(field["defaultValue"]) <= 10_500 and "Other tags stay: a,b, " in field["hint"]
    assert len(field["hint"]) < 600
    assert desk.act("edit-order-tags", ORDER, tags="").status == 200
    assert "a,b" in tags(desk) and many[-1] in tags(desk) and many[0] not in tags(desk)


def test_order_with_too_many_tags_can_have_some_removed(desk):
    desk.store.order(ORDER).tags = [f"t{n:03}" for n in range(255)]
    shown = desk.form("edit-order-tags", ORDER).body["sections"][0]["defaultValue"]
    assert desk.act("edit-order-tags", ORDER, tags=shown + ", new").body["errors"][0]["code"] == "too_long"
    assert desk.act("edit-order-tags", ORDER, tags=shown.replace("t000, ", "")).status == 200
    assert len(tags(desk)) == 254


def test_tag_that_shopify_did_not_remove_is_reported(desk, monkeypatch):
    left = {"node": desk.store.order_node(desk.store.order(ORDER)), "userErrors": []}
    monkeypatch.setattr(tagging, "remove", lambda *_: left)
    answer = desk.act("edit-order-tags", ORDER, tags="gift")
    assert answer.body["detail"].endswith("The tags are now: VIP, gift. Still there: VIP.")


def test_tag_that_shopify_changed_is_reported(desk):
    desk.store.order(ORDER).tags = ["Stra\u00dfe", "gift"]
    answer = desk.act("edit-order-tags", ORDER, tags="Stra\u00dfe, gift, strasse")
    assert "Shopify didn't keep this as typed: strasse." in answer.body["detail"]


_TAGS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters=",", exclude_categories=["Cc", "Cs"]), min_size=1),
    max_size=8,
    unique_by=lambda tag: " ".join(tag.split()).casefold(),
)


@settings(deadline=None)
@given(_TAGS, _TAGS, st.data())
def test_only_the_agents_changes_are_applied(tags, meanwhile, data):
    shown = in_the_box(tags)
    sets = st.sets(st.sampled_from(shown)) if shown else st.just(set())
    away, lost = data.draw(sets), data.draw(sets)
    current = [*(t for t in shown if t not in lost), *(t for t in meanwhile if t not in shown)]
    change = of_the_box(shown, box([t for t in shown if t not in away]), current)
    assert change.add == []
    taken = {t.lower() for t in away}
    assert all(t in away or (t not in shown and t.lower() in taken) for t in change.remove)
    assert away & set(current) <= set(change.remove)
    assert of_the_box(shown, box(shown), current) == ([], [])


@pytest.mark.parametrize("text", ["x" * 41, ", ".join(f"t{n}" for n in range(260)), {"a": 1}])
def test_too_long_or_too_many_tags_are_refused(desk, text):
    answer = desk.act("edit-order-tags", ORDER, tags=text)
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "tags")


def test_new_category_replaces_the_old_tag(desk):
    desk.set(actions__edit_order_tags__categories="Late, Damaged, Wrong item")
    desk.store.order(ORDER).tags = ["gift", "Late"]
    form = desk.form("edit-order-tags", ORDER).body
    assert form["sections"][0]["defaultValue"] == "Late"
    assert "gift" in form["sections"][0]["hint"]
    assert desk.send("POST", form["actionUrl"], {"tags": "Free text"}).status == 400
    assert desk.send("POST", form["actionUrl"], {"tags": "Damaged"}).status == 200
    assert tags(desk) == ["Damaged", "gift"]


def test_unchanged_category_writes_nothing(desk):
    desk.set(actions__edit_order_tags__categories="Late, Damaged, Wrong  item")
    desk.store.order(ORDER).tags = ["gift", "late", "Damaged"]
    form = desk.form("edit-order-tags", ORDER).body
    assert form["sections"][0]["defaultValue"] == "Late"
    [error] = desk.send("POST", form["actionUrl"], {"tags": "Late"}).body["errors"]
    assert error["code"] == "unchanged" and tags(desk) == ["gift", "late", "Damaged"]
    assert desk.send("POST", form["actionUrl"], {"tags": "Wrong item"}).status == 200
    assert tags(desk) == ["gift", "Wrong  item"]


@pytest.mark.parametrize("empty", ["", None, "  "])
def test_missing_category_is_refused(desk, empty):
    desk.set(actions__edit_order_tags__categories="Late, Damaged")
    desk.store.order(ORDER).tags = ["Late", "gift"]
    assert desk.act("edit-order-tags", ORDER, tags=empty).status == 400
    assert tags(desk) == ["Late", "gift"]


def test_submit_uses_the_categories_of_the_opened_form(desk):
    desk.store.order(ORDER).tags = ["gift", "VIP"]
    free = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.set(actions__edit_order_tags__categories="Late, Damaged")
    listed = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    assert desk.send("POST", free, {"tags": "gift, VIP, new"}).status == 200
    desk.set(actions__edit_order_tags__categories="")
    assert desk.send("POST", listed, {"tags": "Late"}).status == 200
    assert tags(desk) == ["gift", "Late", "new", "VIP"], "a category is not the whole list of tags"


def test_form_of_an_earlier_version_uses_the_current_categories(desk):
    desk.set(actions__edit_order_tags__categories="Late, Damaged")
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.change(url, facts=json.dumps({"tags": ["VIP", "gift"]}))
    assert desk.send("POST", url, {"tags": "Late"}).status == 200
    assert tags(desk) == ["gift", "Late", "VIP"]


def test_too_long_category_is_not_offered(desk):
    desk.set(actions__edit_order_tags__categories=f"Late, {'x' * 41}, {'y' * 40}")
    [field] = desk.form("edit-order-tags", ORDER).body["sections"]
    assert [o["value"] for o in field["input"]["options"]][1:] == ["Late", "y" * 40]


def test_store_set_up_by_the_install_page_has_categories(desk):
    calls = [documents.parameter(words, CLIENT_ID="", **SECRETS) for words in documents.commands("install")]
    [listed] = [call["Value"] for call in calls if call["Name"].endswith("/edit_order_tags/categories")]
    desk.set(actions__edit_order_tags__categories=listed)
    [field] = desk.form("edit-order-tags", ORDER).body["sections"]
    assert [o["text"] for o in field["input"]["options"]] == ["No category", *listed.split(", ")]
    assert desk.act("edit-order-tags", ORDER, tags="Wrong item").status == 200
    assert tags(desk) == ["gift", "VIP", "Wrong item"]


def test_refusal_by_shopify_is_in_its_words(desk):
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.sandbox.mutations.tags_add = lambda _info, **_: {
        "node": None,
        "userErrors": [{"field": ["tags"], "message": "Too many tags"}],
    }
    answer = desk.send("POST", url, {"tags": "VIP, gift, new"})
    assert answer.status == 406
    assert "Shopify says: Too many tags" in answer.body["errors"][0]["detail"]


def test_partial_change_is_reported(desk):
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    desk.sandbox.mutations.tags_add = lambda _info, **_: {"node": None, "userErrors": [{"field": [], "message": "No"}]}
    answer = desk.send("POST", url, {"tags": "VIP, new"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "failed")
    assert answer.body["errors"][0]["detail"] == "The tags are now: VIP. Shopify says: No"
    assert desk.timeline(ORDER)[0]["outcome"] == "FAILED"
    cards = desk.profile(desk.linked(ORDER))["transactions"]
    [words] = [card["orderStatus"] for card in cards if card["orderNumber"] == ORDER]
    assert " · tags changed in part, " in words


def test_tags_of_another_type_are_accepted_and_missing_tags_refused(desk):
    assert desk.act("edit-order-tags", ORDER, tags=5).status == 200
    assert tags(desk) == ["5"]
    assert desk.act("edit-order-tags", ORDER, tags="a\x00b\x07").status == 200
    assert tags(desk) == ["ab"]
    assert desk.act("edit-order-tags", ORDER, tags=None).status == 200
    assert tags(desk) == []
    [error] = desk.act("edit-order-tags", ORDER).body["errors"]
    assert (error["code"], error["detail"]) == ("blank", "Tags is required.")


def test_no_category_can_be_chosen(desk):
    desk.set(actions__edit_order_tags__categories="Late, late, Damaged")
    assert desk.act("edit-order-tags", ORDER, tags="Late").status == 200
    [field] = desk.form("edit-order-tags", ORDER).body["sections"]
    choices = {o["text"]: o["value"] for o in field["input"]["options"]}
    assert list(choices) == ["No category", "Late", "Damaged"] and all(choices.values())
    assert field["defaultValue"] == "Late"
    assert desk.act("edit-order-tags", ORDER, tags=choices["No category"]).status == 200
    assert "Late" not in tags(desk) and tags(desk)
