"""A signature covers the whole request and nothing else, in each form in which the query may have been written."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from local.in_process import KEY
from orderdesk import signature

BODY = (
    b'{"lookupLevel":"DETAILED","query":{"emails":["martha.williams@gmail.com"],"externalCustomerId":"abc",'
    b'"favoriteDate":"2018-08-19T07:00:00.000Z","favoriteFood":"Apple Pie","id":"o2sg-TMTSD2rTwMuxzewbA",'
    b'"name":"Martha Williams","phones":["+15013299800"]},"uniqueMatchRequired":true}'
)
HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "gladly-correlation-id": "vXmSEPjVSWCaCMzvjufxZg",
    "gladly-time": "20190213T214016Z",
    "x-b3-traceid": "bd799210f8d549609a08ccef8ee7f166",
}
VECTOR_KEY = "test-apikey-1"
SIGNATURE = "4c633fca4914f51df04c9ec40f4545d66d653e771c6634e33eed52a242bc278c"
THEN = datetime(2019, 2, 13, 21, 40, 16, tzinfo=UTC)
_TEXTS = st.text(st.sampled_from("ab&=%+?#;/ 2Bö~*'\n"), max_size=4)
_PAIRS = st.lists(st.tuples(_TEXTS, _TEXTS), max_size=3).map(tuple)
_PATHS = st.sampled_from(["/a", "/a?a=b", "/a\nb", "/b"])


def vector(**changes):
    names = ";".join(sorted(HEADERS))
    given = f"SigningAlgorithm=hmac-sha256, SignedHeaders={names}, Signature={SIGNATURE}"
    request = signature.Request(
        "POST", ("/api/v2/customer/lookup",), (), HEADERS | {"gladly-authorization": given}, BODY
    )
    return request._replace(**changes)


def test_gladlys_example_is_accepted():
    assert signature.signed_by(vector(), [VECTOR_KEY], THEN)
    assert signature.signed_by(vector(), ["another", VECTOR_KEY], THEN)
    assert signature.signed_by(vector(paths=("/x", "/api/v2/customer/lookup")), [VECTOR_KEY], THEN)


@pytest.mark.parametrize(
    ("changes", "keys", "now"),
    [
        ({}, ["wrong"], THEN),
        ({}, [], THEN),
        ({"body": BODY + b" "}, [VECTOR_KEY], THEN),
        ({"method": "PUT"}, [VECTOR_KEY], THEN),
        ({"paths": ("/api/v2/customer/lookup/",)}, [VECTOR_KEY], THEN),
        ({"query": (("a", "1"),)}, [VECTOR_KEY], THEN),
        ({}, [VECTOR_KEY], THEN + timedelta(minutes=5, seconds=1)),
        ({}, [VECTOR_KEY], THEN - timedelta(minutes=5, seconds=1)),
    ],
)
def test_changed_request_is_refused(changes, keys, now):
    assert not signature.signed_by(vector(**changes), keys, now)


@pytest.mark.parametrize("value", ["", "nonsense", "SigningAlgorithm=md5, SignedHeaders=a, Signature=b"])
def test_malformed_header_is_refused(value):
    request = vector()
    broken = request._replace(headers={**request.headers, "gladly-authorization": value})
    assert not signature.signed_by(broken, [VECTOR_KEY], THEN)


@pytest.mark.parametrize("change", [{"gladly-time": "yesterday"}, {"accept": None}])
def test_missing_signed_header_or_invalid_time_is_refused(change):
    request = vector()
    headers = {k: v for k, v in {**request.headers, **change}.items() if v is not None}
    assert not signature.signed_by(request._replace(headers=headers), [VECTOR_KEY], THEN)


@pytest.mark.parametrize("pairs", [(), (("order", "5"), ("conversation", "a b/c")), (("B", "2"), ("a", "x+y&z=ä"))])
def test_own_signature_is_accepted(pairs):
    headers = {"gladly-time": "20190213T214016Z", "x-new-header": " some value "}
    request = signature.Request("GET", ("/stores/main/timeline",), pairs, headers, b"")
    given = signature.sign(request, KEY, ["Gladly-Time", "X-New-Header"])
    assert signature.signed_by(request._replace(headers=headers | {"gladly-authorization": given}), [KEY], THEN)


def long(size):
    return ("SigningAlgorithm=hmac-sha256, " + "a" * size)[:size]


@pytest.mark.parametrize("text", ["a" * 10_000, "a " * 5_000, long(10_000), long(2_048), " " * 2_048, "a=" * 1_024])
def test_malicious_header_is_parsed_quickly(text):
    request = vector()
    headers = {**request.headers, "gladly-authorization": text}
    began = time.process_time()
    assert not signature.signed_by(request._replace(headers=headers), [VECTOR_KEY], THEN)
    assert time.process_time() - began < 0.02


def test_signature_of_two_kilobytes_is_accepted():
    request = vector()
    given = request.headers["gladly-authorization"]
    for size, good in ((2048, True), (2049, False)):
        headers = {**request.headers, "gladly-authorization": given + ", Other=" + "x" * (size - len(given) - 8)}
        assert signature.signed_by(request._replace(headers=headers), [VECTOR_KEY], THEN) == good


def lines(path, pairs):
    request = signature.Request("GET", (path,), pairs, {}, b"")
    return {f"{way.path}\n{way.query}" for way in signature._written(request)}


@given(_PATHS, _PAIRS, _PATHS, _PAIRS)
def test_different_queries_are_never_written_the_same_way(path, pairs, other_path, others):
    assume((path, sorted(pairs)) != (other_path, sorted(others)))
    assert not lines(path, pairs) & lines(other_path, others)


@given(_PAIRS)
def test_misread_encoding_never_matches_another_query(pairs):
    """The likely mistakes, rather than any two queries: a query decoded from the raw form of another."""
    raw = "&".join(f"{name}={value}" for name, value in pairs)
    for misread in (raw, unquote(raw), raw.replace("+", " "), raw.partition("?")[2]):
        others = tuple(parse_qsl(misread, keep_blank_values=True))
        if sorted(others) != sorted(pairs):
            assert not lines("/a", pairs) & lines("/a", others)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), min_size=1, max_size=20))
def test_number_of_forms_to_try_is_limited(pairs):
    try:
        assert len(lines("/a", tuple(pairs))) <= 3 * 3 * 6
    except UnicodeEncodeError:
        assert any("\ud800" <= c <= "\udfff" for pair in pairs for text in pair for c in text)
