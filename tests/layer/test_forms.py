"""Text boxes have one line, notes have many."""

from hypothesis import given
from hypothesis import strategies as st

from orderdesk import forms


@given(st.text(alphabet=st.sampled_from("ab\\⏎\n ")))
def test_note_survives_the_one_line_form(note):
    shown = forms.one_line(note)
    assert "\n" not in shown
    assert forms.many_lines(shown) == note


def test_windows_line_breaks_are_shown():
    assert forms.many_lines(forms.one_line("a\r\nb\rc")) == "a\nb\nc"
    assert forms.one_line("C:\\temp") == "C:\\temp"
