"""`python -m local.demo`: Orderdesk deployed on this machine, with a sandbox Shopify behind it.

Starts the sandbox and a local AWS, builds and deploys the stack with the SAM CLI, sets the parameters of store
`demo`, waits until a lookup is answered, writes the demo file, and shows what to try. Ctrl-C ends all of it.
"""

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import requests

from .processes import StepFailedError, run, start, stop

ROOT = Path(__file__).parents[2]
REGION, STAGE, STACK = "us-east-1", "local", "orderdesk"
ACTIONS = ("cancel_order", "refund_order", "create_discount_code", "edit_order_tags", "edit_order_notes")


class Demo:
    """One demo: ports, children, and what it says on the screen."""

    def __init__(self, shopify_port: int, aws_port: int, file: Path) -> None:
        self.shopify_port, self.aws_port, self.file = _free(shopify_port), _free(aws_port), file
        self.children: list[Any] = []
        self.folder = tempfile.TemporaryDirectory(prefix="orderdesk-demo-")
        self.logs = Path(self.folder.name)
        self.shopify = f"http://127.0.0.1:{self.shopify_port}"
        self.aws = f"http://127.0.0.1:{self.aws_port}"
        self.secrets = {n: secrets.token_hex(24) for n in ("token", "signing_key", "bearer_token")}
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """A line of progress."""
        print(f"  {time.monotonic() - self.began:5.1f} s  {text}", flush=True)

    def environment(self) -> dict[str, str]:
        """What makes AWS tools talk to the local AWS, and the SAM CLI find this Python."""
        return {
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
            "PATH": f"{Path(sys.executable).resolve().parent}:{os.environ['PATH']}",
        }

    def client(self, service: str) -> Any:
        """A client of the local AWS."""
        return boto3.client(
            service, endpoint_url=self.aws, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
        )

    def up(self) -> None:
        """Everything, in order."""
        self.say("starting the sandbox Shopify and the local AWS")
        self._servers()
        self.say("building the functions and the layer (the first time takes longest)")
        self._sam("build", "--cached", "--build-dir", ".aws-sam/demo", "--cache-dir", ".aws-sam/cache")
        self.say("deploying the stack into the local AWS")
        self._deploy()
        self.say("setting the parameters of store demo")
        self._parameters()
        base = f"{self._api()}/stores/demo"
        self.say("asking for the first customer")
        customer = self._first_lookup(base)
        self._write(base)
        self._show(base, customer)

    def _servers(self) -> None:
        sandbox = [
            sys.executable,
            "-m",
            "local.sandbox",
            "--port",
            str(self.shopify_port),
            "--token",
            self.secrets["token"],
        ]
        self.children.append(start(sandbox, self.logs / "shopify.log"))
        aws = [str(ROOT / ".venv-aws/bin/python"), str(ROOT / ".venv-aws/bin/ministack")]
        quiet = {"GATEWAY_PORT": str(self.aws_port), "TMPDIR": self.folder.name, "PERSIST_STATE": "0"}
        self.children.append(start(aws, self.logs / "aws.log", **quiet, **self.environment()))
        for name, url in (("sandbox Shopify", self.shopify), ("local AWS", f"{self.aws}/_ministack/health")):
            self._wait(name, url)

    def _wait(self, name: str, url: str) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                requests.get(url, timeout=1)
                return
            except requests.RequestException:
                time.sleep(0.2)
        logs = "\n".join(p.read_text(errors="replace")[-3000:] for p in self.logs.glob("*.log"))
        raise StepFailedError(f"The {name} did not start", logs)

    def _sam(self, *arguments: str) -> str:
        os.chdir(ROOT)
        return run([str(ROOT / ".venv-sam/bin/sam"), *arguments], **self.environment())

    def _deploy(self) -> None:
        self.client("s3").create_bucket(Bucket="orderdesk-demo")
        self._sam(
            "deploy", "--template-file", ".aws-sam/demo/template.yaml", "--stack-name", STACK, "--s3-bucket",
            "orderdesk-demo", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
            "--parameter-overrides", f"Stage={STAGE}",
        )  # fmt: skip

    def _parameters(self) -> None:
        ssm, path = self.client("ssm"), f"/orderdesk/{STAGE}/stores/demo"
        secret = {
            "shopify/access_token": self.secrets["token"],
            "helpdesk/signing_key": self.secrets["signing_key"],
            "helpdesk/bearer_token": self.secrets["bearer_token"],
        }
        plain = {"shopify/domain": self.shopify, "default_region": "US", "actions/enabled": "true"}
        plain |= {f"actions/{a}/enabled": "true" for a in ACTIONS}
        for values, kind in ((secret, "SecureString"), (plain, "String")):
            for name, value in values.items():
                ssm.put_parameter(Name=f"{path}/{name}", Value=value, Type=kind, Overwrite=True)

    def _api(self) -> str:
        apis = self.client("apigateway").get_rest_apis()["items"]
        return f"{self.aws}/restapis/{apis[0]['id']}/{STAGE}/_user_request_"

    def _first_lookup(self, base: str) -> str:
        headers = {"Authorization": f"Bearer {self.secrets['bearer_token']}"}
        query = {"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}}
        until, answer = time.monotonic() + 40, None
        while time.monotonic() < until:
            answer = requests.post(base, json=query, headers=headers, timeout=30)
            if answer.status_code == 200 and answer.json()["results"]:
                return str(answer.json()["results"][0]["externalCustomerId"])
            time.sleep(0.5)
        log = (self.logs / "aws.log").read_text(errors="replace")[-4000:]
        raise StepFailedError("The deployed lookup does not answer", f"{answer and answer.text}\n{log}")

    def _write(self, base: str) -> None:
        facts = {
            "base_url": base,
            "bearer_token": self.secrets["bearer_token"],
            "signing_key": self.secrets["signing_key"],
            "shopify_url": self.shopify,
            "shopify_token": self.secrets["token"],
            "desk_url": None,
            "aws_endpoint_url": self.aws,
            "stage": STAGE,
            "region": REGION,
        }
        half = self.file.with_name(f"{self.file.name}.new")
        half.touch(mode=0o600)
        half.write_text(json.dumps(facts, indent=2))
        half.replace(self.file)

    def _show(self, base: str, customer: str) -> None:
        bearer = f"-H 'Authorization: Bearer {self.secrets['bearer_token']}'"
        detailed = json.dumps({"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}})
        basic = json.dumps({"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}})
        headers = {"Authorization": f"Bearer {self.secrets['bearer_token']}"}
        orders = requests.post(base, data=detailed, headers=headers, timeout=30).json()["results"][0]["transactions"]
        form = next(a["formUrl"] for o in orders for a in o.get("actions", []) if a["name"] == "Refund Order")
        print(
            f"\nOrderdesk is running. Store demo: {base}\n"
            f"Sandbox Shopify: {self.shopify}   Local AWS: {self.aws}   Facts: {self.file}\n\n"
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
        stop(self.children)
        # The local AWS runs functions in processes of their own, from folders below ours.
        subprocess.run(["pkill", "-9", "-f", self.folder.name], check=False)
        self.file.unlink(missing_ok=True)
        self.folder.cleanup()


def _free(port: int) -> int:
    """The port, or any free one for 0. Raises StepFailedError where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise StepFailedError(
                f"Port {port} is taken. Choose another: make demo SHOPIFY_PORT=… AWS_PORT=… (0 takes a free one)."
            ) from None
        return int(probe.getsockname()[1])


def main() -> int:
    """Run until interrupted; 1 where a step fails."""
    options = argparse.ArgumentParser(prog="local.demo", description=__doc__)
    options.add_argument("--shopify-port", type=int, default=4010)
    options.add_argument("--aws-port", type=int, default=4566)
    options.add_argument("--file", type=Path, default=ROOT / ".demo.json")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    demo = None
    try:
        demo = Demo(given.shopify_port, given.aws_port, given.file.resolve())
        demo.up()
        while all(child.poll() is None for child in demo.children):
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
