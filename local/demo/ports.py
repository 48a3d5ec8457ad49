"""Ports of the demo's servers."""

import socket

from .processes import StepFailedError


def free(port: int, host: str = "127.0.0.1") -> int:
    """The port at an address of this machine, or any free one for 0. Raises StepFailedError if it can't be used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            raise StepFailedError(
                f"Port {port} cannot be used ({failure.strerror}). "
                "Choose another: make demo SHOPIFY_PORT=… AWS_PORT=… DESK_PORT=… (0 takes a free one)."
            ) from None
        return int(probe.getsockname()[1])
