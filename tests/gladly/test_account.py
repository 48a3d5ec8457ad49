"""Which host a store's Gladly may have, and which parameters are needed."""

import pytest

from orderdesk import gladly
from orderdesk.config import Settings
from orderdesk.gladly import HOST, INBOX, TOKEN, USER, Account, Unusable

GOOD = {HOST: "acme.gladly.com", USER: "orderdesk@acme.example", TOKEN: "t0ken"}


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("acme.gladly.com", "https://acme.gladly.com"),
        ("acme.gladly.qa", "https://acme.gladly.qa"),
        ("acme.us-1.gladly.com", "https://acme.us-1.gladly.com"),
        ("ACME.Gladly.COM", "https://acme.gladly.com"),
        ("https://acme.gladly.com", "https://acme.gladly.com"),
        ("https://acme.gladly.com/", "https://acme.gladly.com"),
    ],
)
def test_host_of_gladly_is_accepted(written, url):
    assert gladly.url_of(written) == url


@pytest.mark.parametrize(
    "written",
    [
        "", "gladly.com", ".gladly.com", "acme.gladly.com.example.org", "acmegladly.com", "acme.gladly.org",
        "acme.gladly.com:8443", "user@acme.gladly.com", "user:secret@acme.gladly.com", "acme.gladly.com/api",
        "acme.gladly.com?x=1", "acme.gladly.com#", "http://acme.gladly.com", "https://https://acme.gladly.com",
        "acme.gladly.com\n", "acme.gladly.com ", "ac me.gladly.com", "acme..gladly.com", "-acme.gladly.com",
        "acme-.gladly.com", "acme.gladly.com.", "acme.gladly.com\\.example.org", "acme.gladly\u3002com",
        "aсme.gladly.com",
        "acme.g\u0131adly.com", "acme.GLADLY.\u212aom", "127.0.0.1", "169.254.169.254", "localhost", "[::1]",
        "http://127.0.0.1:4030", "acme.gladly.com//", "//acme.gladly.com", "a" * 64 + ".gladly.com",
        "a.b.c.d.e.f.gladly.com", "evil.example/.gladly.com", "evil.example\t.gladly.com", "%61cme.gladly.com",
    ],
)  # fmt: skip
def test_any_other_host_is_refused(written):
    with pytest.raises(Unusable, match=HOST):
        gladly.url_of(written)


@pytest.mark.parametrize("written", ["http://127.0.0.1:4030", "http://host.docker.internal:4030"])
def test_stand_in_is_only_for_the_local_stage(written):
    assert gladly.url_of(written, local=True) == written
    with pytest.raises(Unusable):
        gladly.url_of(written)


@pytest.mark.parametrize(
    "written", ["http://127.0.0.1:4030/", "http://10.0.0.1:80", "http://127.0.0.1", "http://evil:1"]
)
def test_local_stage_allows_nothing_else(written):
    with pytest.raises(Unusable):
        gladly.url_of(written, local=True)


def of(values, stage="prod"):
    return gladly.of_store(Settings("main", stage, values))


def test_store_without_any_of_them_has_no_gladly():
    assert of({}) is of({HOST: " ", USER: "", TOKEN: ""}) is of({INBOX: "x"}) is None


def test_store_with_all_has_one_and_keeps_its_secrets_to_itself():
    account = of(GOOD | {INBOX: "NFpDZtfqhk2pI6fjaVDlFf", TOKEN: " t0ken "})
    assert account == Account("https://acme.gladly.com", "orderdesk@acme.example", "t0ken", "NFpDZtfqhk2pI6fjaVDlFf")
    assert "t0ken" not in repr(account) and "@" not in repr(account)


@pytest.mark.parametrize("name", GOOD)
def test_part_of_them_is_not_enough(name):
    with pytest.raises(Unusable, match=f"{name} is not set"):
        of(GOOD | {name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [(USER, "a:b"), (USER, "a b"), (USER, "é"), (USER, "a\nb"), (TOKEN, "a b"), (TOKEN, "a\r\nX: y"), (TOKEN, "é"),
     (TOKEN, "x" * 1001), (INBOX, "../x"), (INBOX, "a/b"), (INBOX, "x" * 101)],
)  # fmt: skip
def test_value_that_cannot_be_sent_is_refused(name, value):
    with pytest.raises(Unusable, match=name) as refused:
        of(GOOD | {name: value})
    assert value not in str(refused.value)
