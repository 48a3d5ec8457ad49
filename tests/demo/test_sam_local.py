"""What `make sam-local` has to know before it starts a container."""

import pytest

from local.demo import sam_local


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ({"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.254"}, "172.17.0.254"),
        ({"Subnet": "172.17.0.0/16"}, "172.17.0.1"),
        ({"Subnet": "10.9.8.0/24", "Gateway": ""}, "10.9.8.1"),
    ],
)
def test_the_address_that_containers_reach(network, address):
    assert sam_local.gateway(network) == address


def test_an_event_names_its_function():
    assert sam_local.function_of(sam_local.EVENTS / "refund_order.json") == "RefundOrderFunction"
