"""Pages: sizes, cursors, sort orders, and refusals of invalid pages."""

import pytest

NAMES = (
    "{ orders(%s) { nodes { name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
)
MORE = "To query larger amounts of data with fewer limits, bulk operations should be used instead."


def page(shop, arguments):
    """The names on a page, and its `pageInfo`."""
    found = shop.data(NAMES % arguments)["orders"]
    assert [found["pageInfo"]["startCursor"], found["pageInfo"]["endCursor"]] == (
        [found["edges"][0]["cursor"], found["edges"][-1]["cursor"]] if found["edges"] else [None, None]
    )
    return [one["name"] for one in found["nodes"]], found["pageInfo"]


def test_pages_can_be_read_forwards_and_backwards(shop):
    whole, after, forward = [o.name for o in shop.store.orders], "", []
    while True:
        names, info = page(shop, f"first: 7{after}")
        assert info["hasPreviousPage"] == bool(forward)
        forward.append(names)
        if not info["hasNextPage"]:
            break
        after = f', after: "{info["endCursor"]}"'
    assert [name for names in forward for name in names] == whole and len(forward[-1]) <= 7
    back, info = page(shop, f'last: 7, before: "{info["startCursor"]}"')
    assert back == forward[-2] and info["hasNextPage"]


@pytest.mark.parametrize("key", ["CREATED_AT", "CUSTOMER_NAME", "TOTAL_PRICE", "FINANCIAL_STATUS", "PO_NUMBER"])
def test_sorted_pages_have_each_order_once(shop, key):
    whole, info = page(shop, f"first: 250, sortKey: {key}")
    turned, _ = page(shop, f"first: 250, sortKey: {key}, reverse: true")
    assert turned == whole[::-1] and sorted(whole) == sorted(o.name for o in shop.store.orders)
    first, cut = page(shop, f"first: 9, sortKey: {key}")
    rest, _ = page(shop, f'first: 250, sortKey: {key}, after: "{cut["endCursor"]}"')
    assert first + rest == whole and not info["hasNextPage"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('query: ""', "you must provide one of first or last"),
        ("first: 1, last: 1", "providing both first and last is not supported"),
        ("first: -1", "first cannot be negative"),
        ("last: -1", "last cannot be negative"),
        ("first: 251", f"first cannot exceed 250. {MORE}"),
        ('first: 1, after: "nonsense"', "Invalid cursor for current pagination sort."),
        ('first: 1, after: "eyJsYXN0X2lkIjoxfQ=="', "Invalid cursor for current pagination sort."),
    ],
)
def test_invalid_page_is_refused(shop, arguments, words):
    error = shop.error(NAMES % arguments)
    assert error["message"] == words and error["extensions"] == {"code": "BAD_REQUEST"}


def test_count_says_if_there_is_more(shop):
    counts = "{ a: ordersCount { count precision } b: ordersCount(limit: 10) { count precision } }"
    assert shop.data(counts) == {
        "a": {"count": len(shop.store.orders), "precision": "EXACT"},
        "b": {"count": 10, "precision": "AT_LEAST"},
    }


def test_objects_are_found_by_gid(shop):
    order = next(o for o in shop.store.orders if o.refunds and o.customer)
    done = next(o for o in shop.store.orders if o.fulfillment_status() == "FULFILLED")
    ids = [order.id, order.customer.id, order.lines[0].id, order.transactions[0].id, order.refunds[0].id]
    ids += [done.id.replace("Order", "Fulfillment"), next(iter(shop.store.collections)), shop.store.id]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    assert [one["id"] for one in shop.data(query, ids=ids)["nodes"]] == ids
    unknown = ["gid://shopify/Order/1", "gid://shopify/Refund/1", "gid://shopify/Nonsense/1", "gid://shopify/Shop/1"]
    assert shop.data(query, ids=unknown)["nodes"] == [None] * 4


def test_collections_are_sorted_and_searched_by_title(shop):
    titles = (
        '{ collections(first: 9, sortKey: TITLE, query: "title:%s") { nodes { title } } collectionsCount { count } }'
    )
    found = shop.data(titles % "new*")
    assert found == {"collections": {"nodes": [{"title": "New arrivals"}]}, "collectionsCount": {"count": 6}}


@pytest.mark.parametrize("whole", ["orders", "collections", "customers"])
def test_page_without_a_size_is_refused(shop, whole):
    answer = shop.ask("{ " + whole + " { nodes { id } } }")
    assert answer["errors"][0]["message"] == "you must provide one of first or last"
