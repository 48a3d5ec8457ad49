"""`python -m local.desk --url https://…/stores/main`: the agent desk in front of a deployed store.

The signing key comes from `--key` or from ORDERDESK_KEY, which keeps it out of the process list; a bearer token comes
from `--token` or ORDERDESK_TOKEN. `--demo-file .demo.json` connects to a running demo. Stop it with Ctrl-C.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from orderdesk.logs import logger

from .desk import Desk
from .helpdesk import Helpdesk
from .parameters import SettingsError
from .screen import show
from .server import DeskServer
from .stack import Stack, WrongAddressError, demonstrated, deployed


def main() -> int:
    """Serve until interrupted. Exits with 1 if the stack cannot be reached or refuses the key."""
    given = _options().parse_args()
    try:
        stack = _stack(given)
    except WrongAddressError as wrong:
        return _say(str(wrong))
    _keep_quiet(stack)
    agent = {"id": given.agent_id, "name": given.agent}
    if problem := first_answer(Helpdesk(stack, agent)):
        return _say(problem)
    desk = Desk(stack, agent)
    try:
        server = DeskServer(desk, given.port)
        desk.listen(f"http://127.0.0.1:{server.server_port}")
    except SettingsError as wrong:
        return _say(str(wrong))
    except OSError as taken:
        return _say(f"The desk cannot listen on port {given.port}: {taken.strerror}. Choose another: DESK_PORT=…")
    signal.signal(signal.SIGTERM, _end)
    print(server.url, flush=True)
    if given.open:
        show(server.url)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
    return 0


def first_answer(helpdesk: Helpdesk) -> str:
    """Why the desk cannot work with its stack; empty if it can. Sends a lookup for nobody, which does not reach
    Shopify."""
    exchange = helpdesk.lookup("BASIC", {"emails": []})
    if exchange.problem or exchange.status == 200:
        return exchange.problem
    return f"The stack answers with HTTP {exchange.status}. Its logs say why."


def _end(*_: object) -> None:
    """End in the same way on Ctrl-C and on SIGTERM."""
    raise KeyboardInterrupt


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="local.desk", description=__doc__)
    options.add_argument("--url", default="", help="the store's address: ApiUrl followed by /stores/<handle>")
    options.add_argument("--key", default=os.environ.get("ORDERDESK_KEY", ""))
    options.add_argument("--token", default=os.environ.get("ORDERDESK_TOKEN", ""))
    options.add_argument("--stage", default="", help="needed if it is not in the address (your own domain)")
    options.add_argument("--region", default="", help="the AWS region of the parameters")
    options.add_argument("--demo-file", type=Path, help="the file of a running demo, instead of all these")
    options.add_argument("--agent", default="Ann Lee", help="the agent's name for the timeline")
    options.add_argument("--agent-id", default="desk-1")
    options.add_argument("--port", type=int, default=4020)
    options.add_argument("--open", action="store_true", help="open the page in the browser")
    return options


def _stack(given: argparse.Namespace) -> Stack:
    if not (given.agent + given.agent_id).isascii():
        raise WrongAddressError("The agent's name and ID are sent as headers: use ASCII characters only.")
    if given.demo_file:
        return demonstrated(given.demo_file)
    return deployed(given.url, given.key, given.token, stage=given.stage, region=given.region)


def _keep_quiet(stack: Stack) -> None:
    """Keep the layer's log lines and metrics off the terminal, which is for people."""
    logger.setLevel(logging.CRITICAL)
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    os.environ["ORDERDESK_STAGE"] = stack.stage


def _say(problem: str) -> int:
    print(f"The desk cannot start: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
