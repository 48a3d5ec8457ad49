"""`python -m local.demo`: Orderdesk deployed on this machine, with a sandbox Shopify behind it and the agent desk in
front.

Starts the sandbox and a local AWS, builds and deploys the stack with the SAM CLI, sets the parameters of store `demo`,
waits until a lookup is answered, starts the agent desk, writes the demo file, and prints what to try. If there is a
screen, the desk opens in the browser. Ctrl-C stops all of it.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import requests

from local.desk.screen import show

from .agent_desk import AgentDesk
from .deployment import GLADLY_USER, REGION, ROOT, STAGE, Deployment
from .folder import clean_up
from .ports import free
from .processes import StepFailedError

Facts = dict[str, Any]
"""What the demo file contains: addresses, secrets, and the process to stop."""


class Demo:
    """One demo: a deployment, the file with its addresses, and the output on the terminal."""

    def __init__(self, shopify_port: int, aws_port: int, desk_port: int, file: Path) -> None:
        free(desk_port)  # Import it now and not when everything else is running.
        self.deployment, self.file = Deployment(shopify_port, aws_port), file
        self.desk = AgentDesk(desk_port, self.deployment.logs)
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """Print progress."""
        print(f"  {time.monotonic() - self.began:5.1f} s  {text}", flush=True)

    def up(self) -> None:
        """Start everything, in order."""
        self.say("starting the sandbox Shopify, the stand-in for Gladly and the local AWS")
        self.deployment.start_servers()
        self.say("building the functions and the layer (the first time takes longest)")
        self.deployment.build()
        self.say("deploying the stack into the local AWS")
        self.deployment.deploy()
        self.say("setting the parameters of store demo")
        self.deployment.set_parameters()
        self.say("asking for the first customer")
        customer = self.deployment.first_lookup()
        base = self.deployment.base_url()
        facts, form = self._facts(base), self._refund_form(base, customer)
        self.say("opening the agent desk")
        self.desk.start(facts, self.deployment.keep)
        _write(self.file, facts | {"desk_url": self.desk.url})
        self._show(base, customer, form)
        show(self.desk.url)

    def _facts(self, base: str) -> Facts:
        return {
            "base_url": base,
            "bearer_token": self.deployment.secrets["bearer_token"],
            "signing_key": self.deployment.secrets["signing_key"],
            "shopify_url": self.deployment.shopify,
            "shopify_token": self.deployment.secrets["token"],
            "gladly_url": self.deployment.gladly,
            "gladly_user": GLADLY_USER,
            "gladly_token": self.deployment.secrets["gladly_token"],
            "desk_url": None,
            "aws_endpoint_url": self.deployment.aws,
            "stage": STAGE,
            "region": REGION,
            "pid": os.getpid(),
        }

    def _refund_form(self, base: str, customer: str) -> str:
        """The `formUrl` for a refund of one of the customer's orders."""
        headers = {"Authorization": f"Bearer {self.deployment.secrets['bearer_token']}"}
        orders = requests.post(base, data=_detailed(customer), headers=headers, timeout=30).json()["results"][0]
        actions = [action for order in orders["transactions"] for action in order.get("actions", [])]
        return next(str(action["formUrl"]) for action in actions if action["name"] == "Refund Order")

    def _show(self, base: str, customer: str, form: str) -> None:
        bearer = f"-H 'Authorization: Bearer {self.deployment.secrets['bearer_token']}'"
        basic = json.dumps({"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}})
        detailed = _detailed(customer)
        print(
            f"\nOrderdesk is running. Agent desk: {self.desk.url}\n"
            f"Store demo: {base}\n"
            f"Sandbox Shopify: {self.deployment.shopify}   Local AWS: {self.deployment.aws}   Facts: {self.file}\n\n"
            f"1. Find a customer:\n   curl -s {bearer} '{base}' -d '{basic}'\n\n"
            f"2. Show the profile, with orders and what may be done:\n   curl -s {bearer} '{base}' -d '{detailed}'\n\n"
            f"3. Open a refund form:\n   curl -s {bearer} '{base}{form}'\n"
            f"   and submit it to the actionUrl that it names:\n"
            f'   curl -s {bearer} \'{base}<actionUrl>\' -d \'{{"reason": "Goodwill", "notify": false}}\'\n\n'
            "Ctrl-C ends it.",
            flush=True,
        )

    def down(self) -> None:
        """Stop the child processes, and remove the demo file."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.deployment.stop()
        if _writer(self.file) == os.getpid():
            self.file.unlink()


def _detailed(customer: str) -> str:
    return json.dumps({"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}})


def _write(file: Path, facts: Facts) -> None:
    """Write the demo file atomically and readable for this user only."""
    half = file.with_name(f"{file.name}.new")
    half.touch(mode=0o600)
    half.write_text(json.dumps(facts, indent=2))
    half.replace(file)


def _writer(file: Path) -> int:
    """The process that wrote a demo file; 0 if there is none that can be read."""
    try:
        return int(json.loads(file.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _forget_killed(file: Path) -> None:
    """Clean up after a demo that was killed: processes, folders, and its demo file."""
    clean_up()
    if writer := _writer(file):
        try:
            os.kill(writer, 0)
        except ProcessLookupError:
            file.unlink(missing_ok=True)
        except PermissionError:
            return  # Another user's process, and it is running.


def _port(text: str) -> int:
    """A port number; 0 means any free port. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: use 0 to 65535")
    return int(text)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="local.demo", description=__doc__)
    options.add_argument("--shopify-port", type=_port, default=4010)
    options.add_argument("--aws-port", type=_port, default=4566)
    options.add_argument("--desk-port", type=_port, default=4020)
    options.add_argument("--file", type=Path, default=ROOT / ".demo.json")
    given = options.parse_args(arguments)
    ports = [port for port in (given.shopify_port, given.aws_port, given.desk_port) if port]
    if len(ports) > len(set(ports)):
        options.error("the servers need different ports")
    return given


def _end(*_: object) -> None:
    """End on SIGTERM as on Ctrl-C, even if the parent process ignores Ctrl-C."""
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted. Returns 1 if a step fails."""
    given = _options(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    demo = None
    try:
        _forget_killed(given.file.resolve())
        demo = Demo(given.shopify_port, given.aws_port, given.desk_port, given.file.resolve())
        demo.up()
        while all(child.poll() is None for child in demo.deployment.children):
            time.sleep(0.5)
        raise StepFailedError("One of the servers stopped unexpectedly.")
    except KeyboardInterrupt:
        print("\nStopping the demo.")
        return 0
    except StepFailedError as failure:
        tail = "\n".join(failure.output.splitlines()[-40:])
        print(f"\nThe demo stopped: {failure}\n{tail}", file=sys.stderr)
        return 1
    finally:
        if demo:
            demo.down()


if __name__ == "__main__":
    sys.exit(main())
