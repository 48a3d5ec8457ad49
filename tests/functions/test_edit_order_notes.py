import pytest

ORDER = "#1016"  # two lines


def test_line_breaks_survive(desk):
    form = desk.form("edit-order-notes", ORDER).body
    shown = form["sections"][0]["defaultValue"]
    assert shown == "Leave at the door⏎Ring twice"
    answer = desk.send("POST", form["actionUrl"], {"note": shown + "⏎Dog!"})
    assert answer.status == 200, answer.body
    assert desk.store.order(ORDER).note == "Leave at the door\nRing twice\nDog!"


def test_somebody_elses_edit_is_not_overwritten(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.store.order(ORDER).note = "Theirs"
    answer = desk.send("POST", url, {"note": "Mine"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "note_changed")
    assert "Theirs" in answer.body["errors"][0]["detail"]
    assert desk.store.order(ORDER).note == "Theirs"
    assert desk.send("POST", url, {"note": "Theirs and mine"}).status == 200
    assert desk.store.order(ORDER).note == "Theirs and mine"


def test_a_note_can_be_emptied(desk):
    assert desk.act("edit-order-notes", ORDER, note="").body["detail"] == "The note is now empty."
    assert desk.store.order(ORDER).note in (None, "")


@pytest.mark.parametrize("length", [5001, 10_000, 10_001])
def test_a_note_that_is_too_long(desk, length):
    answer = desk.act("edit-order-notes", ORDER, note="x" * length)
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "too_long")
    assert not desk.sent("EditOrderNote")


def test_nothing_changed(desk):
    answer = desk.act("edit-order-notes", ORDER, note="Leave at the door⏎Ring twice")
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "unchanged")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb", "a\r\nb\r\nc"), ("a\nb", "a\nb\nc"), ("a\r\nb\nd", "a\nb\nd\nc"), ("a\rb", "a\nb\nc"),
        ("x\r\n" + "y" * 4995, "x\n" + "y" * 4995 + "\nc"),
    ],
)  # fmt: skip
def test_the_line_breaks_of_a_note_stay_what_they_were(desk, before, after):
    desk.store.order(ORDER).note = before
    form = desk.form("edit-order-notes", ORDER).body
    answer = desk.send("POST", form["actionUrl"], {"note": form["sections"][0]["defaultValue"] + "⏎c"})
    assert answer.status == 200, answer.body
    assert desk.store.order(ORDER).note == after


@pytest.mark.parametrize("note", ["  two  blanks ", "a\r\nb", "tab\there", "bell\x07 and \x0b", "⏎", "\\⏎\n"])
def test_a_note_that_nobody_touched_is_not_written(desk, note):
    desk.store.order(ORDER).note = note
    form = desk.form("edit-order-notes", ORDER).body
    answer = desk.send("POST", form["actionUrl"], {"note": form["sections"][0]["defaultValue"]})
    assert answer.body["errors"][0]["code"] == "unchanged"
    assert not desk.sent("EditOrderNote")


def test_refused_in_shopifys_words(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    refusal = {"order": None, "userErrors": [{"field": ["note"], "message": "Note is invalid"}]}
    desk.sandbox.mutations.update = lambda _info, **_: refusal
    answer = desk.send("POST", url, {"note": "new"})
    assert answer.status == 406
    assert "Note is invalid" in answer.body["errors"][0]["detail"]
