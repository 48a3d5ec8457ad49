import pytest

ORDER = "#1016"  # Two lines.


def test_line_breaks_survive_the_one_line_form(desk):
    form = desk.form("edit-order-notes", ORDER).body
    shown = form["sections"][0]["defaultValue"]
    assert shown == "Leave at the door⏎Ring twice"
    answer = desk.send("POST", form["actionUrl"], {"note": shown + "⏎Dog!"})
    assert answer.status == 200, answer.body
    assert desk.store.order(ORDER).note == "Leave at the door\nRing twice\nDog!"


def test_note_changed_by_someone_else_is_not_overwritten(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.store.order(ORDER).note = "Theirs"
    answer = desk.send("POST", url, {"note": "Mine"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "note_changed")
    assert "Theirs" in answer.body["errors"][0]["detail"]
    assert desk.store.order(ORDER).note == "Theirs"
    assert desk.send("POST", url, {"note": "Theirs and mine"}).status == 200
    assert desk.store.order(ORDER).note == "Theirs and mine"


def test_note_can_be_emptied(desk):
    assert desk.act("edit-order-notes", ORDER, note="").body["detail"] == "The note is now empty."
    assert desk.store.order(ORDER).note in (None, "")


@pytest.mark.parametrize("length", [5001, 10_000, 10_001])
def test_too_long_note_is_refused(desk, length):
    answer = desk.act("edit-order-notes", ORDER, note="x" * length)
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "too_long")
    assert not desk.sent("EditOrderNote")


def test_unchanged_note_is_not_written(desk):
    answer = desk.act("edit-order-notes", ORDER, note="Leave at the door⏎Ring twice")
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "unchanged")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb", "a\r\nb\r\nc"), ("a\nb", "a\nb\nc"), ("a\r\nb\nd", "a\nb\nd\nc"), ("a\rb", "a\nb\nc"),
        ("x\r\n" + "y" * 4995, "x\n" + "y" * 4995 + "\nc"),
    ],
)  # fmt: skip
def test_note_keeps_its_kind_of_line_breaks(desk, before, after):
    desk.store.order(ORDER).note = before
    form = desk.form("edit-order-notes", ORDER).body
    answer = desk.send("POST", form["actionUrl"], {"note": form["sections"][0]["defaultValue"] + "⏎c"})
    assert answer.status == 200, answer.body
    assert desk.store.order(ORDER).note == after


@pytest.mark.parametrize("note", ["  two  blanks ", "a\r\nb", "tab\there", "bell\x07 and \x0b", "⏎", "\\⏎\n"])
def test_untouched_note_of_any_kind_is_not_written(desk, note):
    desk.store.order(ORDER).note = note
    form = desk.form("edit-order-notes", ORDER).body
    answer = desk.send("POST", form["actionUrl"], {"note": form["sections"][0]["defaultValue"]})
    assert answer.body["errors"][0]["code"] == "unchanged"
    assert not desk.sent("EditOrderNote")


def test_refusal_by_shopify_is_in_its_words(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    refusal = {"order": None, "userErrors": [{"field": ["note"], "message": "Note is invalid"}]}
    desk.sandbox.mutations.update = lambda _info, **_: refusal
    answer = desk.send("POST", url, {"note": "new"})
    assert answer.status == 406
    assert "Note is invalid" in answer.body["errors"][0]["detail"]
