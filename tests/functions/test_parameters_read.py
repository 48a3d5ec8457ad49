"""How often SSM is asked: once for a submit, also when it allows no more calls for a moment."""

import random
import time
from datetime import timedelta

import pytest

from local.examples import EXAMPLES
from orderdesk import config
from orderdesk.actions import ACTIONS
from tests.faults.acting import opened, submit
from tests.faults.calls import BrokenRecords


class Asked:
    """Counts the calls to SSM."""

    def __init__(self):
        self.calls = 0
        config.ssm().meta.events.register_first("before-send.ssm", self._seen)

    def _seen(self, **_):
        self.calls += 1

    def in_new_process(self):
        config.parameters.cache_clear()
        self.calls = 0


@pytest.mark.parametrize("action", EXAMPLES)
def test_form_and_submit_ask_ssm_once_in_a_new_process_and_in_a_warm_one(desk, action):
    asked = Asked()
    opened(desk, action)
    asked.in_new_process()
    url = opened(desk, action)
    assert asked.calls == 1, "a form in a new process"
    opened(desk, action)
    assert asked.calls == 1, "another form within half a minute"
    asked.in_new_process()
    assert submit(desk, action, url).status == 200
    assert asked.calls == 1, "a submit in a new process"
    asked.calls = 0
    submit(desk, action, url)
    assert asked.calls == 1, "another one: a switch that is turned off counts at once"


def test_lookup_asks_ssm_as_often_as_its_names_need(desk):
    asked = Asked()
    asked.in_new_process()
    desk.find(emails=["martha.williams@example.com"])
    assert asked.calls == -(-len(config.LOOKUP) // 10)
    desk.profile(desk.linked("#1003"))
    assert asked.calls == -(-len(config.LOOKUP) // 10), "kept for half a minute"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_names_of_a_form_and_of_a_submit_fit_into_one_call(action):
    assert len(config.of_form(action)) <= 10 and len(config.of_submit(action)) <= 10


def test_kept_values_of_many_processes_end_at_different_times(desk):
    """What is read by all in one second is not read again by all in one second."""
    kept = [config._Kept.now({"a": "b"}, 0.0).keep for _ in range(200)]
    assert (
        config.MAX_AGE * 0.7 <= min(kept) < config.MAX_AGE * 0.75
        and config.MAX_AGE * 0.95 < max(kept) <= config.MAX_AGE
    )


@pytest.mark.parametrize("times", [1, 2, 4, 8])
def test_submit_that_ssm_does_not_allow_at_once_is_carried_out(desk, capsys, times):
    random.seed(times)
    url = opened(desk, "edit-order-notes")
    BrokenRecords(config.ssm(), "GetParameters", error="ThrottlingException", times=times)
    assert submit(desk, "edit-order-notes", url).status == 200
    assert capsys.readouterr().out.count('"SettingsThrottled":[1.0]') == times


def test_submit_gives_up_in_time_if_ssm_allows_nothing(desk, capsys):
    url = opened(desk, "edit-order-notes")
    broken, began = (
        BrokenRecords(config.ssm(), "GetParameters", error="ThrottlingException", times=10**6),
        time.monotonic(),
    )
    answer = submit(desk, "edit-order-notes", url)
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "settings_unavailable")
    assert time.monotonic() - began < 9, "the helpdesk waits for 15 seconds"
    broken.repair()
    assert submit(desk, "edit-order-notes", url).status == 200, "the form is still good"
    assert '"SettingsUnavailable":[1.0]' in capsys.readouterr().out


def test_lookup_goes_on_with_kept_values_if_ssm_allows_no_more(desk, capsys):
    desk.find(emails=["martha.williams@example.com"])
    desk.clock.shift(timedelta(seconds=31))
    BrokenRecords(config.parameters(config.LOOKUP).hurried, "GetParameters", error="ThrottlingException", times=10**6)
    assert desk.find(emails=["martha.williams@example.com"])
    assert "SettingsThrottled" in capsys.readouterr().out


def test_other_failures_of_ssm_are_not_counted_as_throttled(desk, capsys):
    url = opened(desk, "edit-order-notes")
    BrokenRecords(config.ssm(), "GetParameters", error="InternalServerError", times=2)
    assert submit(desk, "edit-order-notes", url).status == 200
    assert "SettingsThrottled" not in capsys.readouterr().out
