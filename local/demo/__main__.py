"""`python -m local.demo`: Orderdesk deployed on this machine, a sandbox Shopify behind it, the agent desk before it.

Starts the sandbox and a local AWS, builds and deploys the stack with the SAM CLI, sets the parameters of store
`demo`, waits until a lookup is answered, starts the agent desk, writes the demo file, and shows what to try. Where
somebody sits before a screen, the desk opens in the browser. Ctrl-C ends all of it.
"""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

import requests

from local.desk.screen import show

from .agent_desk import AgentDesk
from .deployment import REGION, ROOT, STAGE, Deployment
from .processes import StepFailedError


class Demo:
    """One demo: a deployment, the file that says where it is, and what stands on the screen."""

    def __init__(self, shopify_port: int, aws_port: int, desk_port: int, file: Path) -> None:
        self.deployment, self.file = Deployment(shopify_port, aws_port), file
        self.desk = AgentDesk(desk_port, self.deployment.logs)
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """A line of progress."""
        print(f"  {time.monotonic() - self.began:5.1f} s  {text}", flush=True)

    def up(self) -> None:
        """Everything, in order."""
        self.say("starting the sandbox Shopify and the local AWS")
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
        self.deployment.children.append(self.desk.start(facts))
        _write(self.file, facts | {"desk_url": self.desk.url})
        self._show(base, customer, form)
        show(self.desk.url)

    def _facts(self, base: str) -> dict[str, str | None]:
        return {
            "base_url": base,
            "bearer_token": self.deployment.secrets["bearer_token"],
            "signing_key": self.deployment.secrets["signing_key"],
            "shopify_url": self.deployment.shopify,
            "shopify_token": self.deployment.secrets["token"],
            "desk_url": None,
            "aws_endpoint_url": self.deployment.aws,
            "stage": STAGE,
            "region": REGION,
        }

    def _refund_form(self, base: str, customer: str) -> str:
        """The `formUrl` of a refund of one of the customer's orders."""
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
        """End the children, and take away what says that the demo runs."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self.deployment.stop()
        self.file.unlink(missing_ok=True)


def _detailed(customer: str) -> str:
    return json.dumps({"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}})


def _write(file: Path, facts: dict[str, str | None]) -> None:
    """Write the demo file at once and for this user alone."""
    half = file.with_name(f"{file.name}.new")
    half.touch(mode=0o600)
    half.write_text(json.dumps(facts, indent=2))
    half.replace(file)


def _end(*_: object) -> None:
    """SIGTERM ends as Ctrl-C does, also where whoever started the demo had Ctrl-C ignored."""
    raise KeyboardInterrupt


def main() -> int:
    """Run until interrupted; 1 where a step fails."""
    options = argparse.ArgumentParser(prog="local.demo", description=__doc__)
    options.add_argument("--shopify-port", type=int, default=4010)
    options.add_argument("--aws-port", type=int, default=4566)
    options.add_argument("--desk-port", type=int, default=4020)
    options.add_argument("--file", type=Path, default=ROOT / ".demo.json")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, _end)
    demo = None
    try:
        demo = Demo(given.shopify_port, given.aws_port, given.desk_port, given.file.resolve())
        demo.up()
        while all(child.poll() is None for child in demo.deployment.children):
            time.sleep(0.5)
        raise StepFailedError("One of the servers ended by itself.")
    except KeyboardInterrupt:
        print("\nEnding the demo.")
        return 0
    except StepFailedError as failure:
        tail = "\n".join(failure.output.splitlines()[-40:])
        print(f"\nThe demo cannot go on: {failure}\n{tail}", file=sys.stderr)
        return 1
    finally:
        if demo:
            demo.down()


if __name__ == "__main__":
    sys.exit(main())
