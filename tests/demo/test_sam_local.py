"""What `make sam-local` must know before it starts a container."""

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
def test_bridge_address_is_the_docker_gateway(network, address):
    assert sam_local.gateway(network) == address


def test_event_name_gives_the_function_name():
    assert sam_local.function_of(sam_local.EVENTS / "refund_order.json") == "RefundOrderFunction"
