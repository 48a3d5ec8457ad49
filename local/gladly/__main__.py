"""`python -m local.gladly --port 4030 --user a@b.example --token x --customer demo-1`: the stand-in over HTTP."""

import argparse
import contextlib
import sys
from http.server import ThreadingHTTPServer

from local.sandbox.__main__ import handler

from . import Gladly


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(prog="local.gladly", description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=4030)
    options.add_argument("--user", default="orderdesk@acme.example")
    options.add_argument("--token", required=True)
    options.add_argument("--customer", action="append", default=[], help="the id of a customer; may be given often")
    given = options.parse_args()
    gladly = Gladly(user=given.user, token=given.token, customers=given.customer)
    try:
        server = ThreadingHTTPServer((given.host, given.port), handler(gladly))  # type: ignore[arg-type]
    except OSError as taken:
        place = f"{given.host}:{given.port}"
        sys.exit(f"The stand-in for Gladly cannot listen on {place}: {taken.strerror}. Choose another port.")
    print(f"http://{given.host}:{server.server_port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
