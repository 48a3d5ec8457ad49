"""Any outcome can be stored."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdesk.errors import TEXT_AT_MOST, Refused
from orderdesk.operations import SUCCEEDED, Outcome
from orderdesk.operations.create import ROOM, with_room
from orderdesk.operations.model import json_of

ITEM = 400_000
EMOJI = "\U0001f60a"


@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.text(alphabet=st.sampled_from(["a", "é", EMOJI, "\\", "\n", "\ud800"]), min_size=1, max_size=30))
def test_outcome_of_any_length_can_be_stored(text):
    outcome = Outcome(SUCCEEDED, text * 3000, text * 3000, {}).bounded()
    assert len(outcome.message) <= TEXT_AT_MOST and len(outcome.detail) <= TEXT_AT_MOST
    reply = json_of(outcome.reply().body)
    assert 2 * len(reply.encode()) < ITEM - 2 * ROOM


def test_too_large_operation_is_refused():
    with pytest.raises(Refused) as refused:
        with_room({"note": EMOJI * ROOM})
    assert refused.value.code == "too_large"
