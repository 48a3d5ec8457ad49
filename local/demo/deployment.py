"""Orderdesk deployed on this machine: a sandbox Shopify, a local AWS, and the stack, deployed with the SAM CLI.

`make demo` shows it, `make e2e` tests it. Each step can be done separately; `stop` undoes all of them.
"""

import fcntl
import os
import platform
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import requests

from local.gladly.gladly import INBOX
from orderdesk.actions import ACTIONS

from .folder import Folder
from .ports import free as _free
from .processes import StepFailedError, run, start, stop

ROOT = Path(__file__).parents[2]
REGION, STAGE, STACK, STORE = "us-east-1", "local", "orderdesk", "demo"
#: This machine's architecture, in the template's words.
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
BUILT = ".aws-sam/demo"
CLIENT_ID = "orderdesk-app"
GLADLY_USER = "orderdesk@acme.example"
_BUCKET = "orderdesk-demo"
_SECRETS = ("token", "client_secret", "signing_key", "bearer_token", "gladly_token")


class Deployment:
    """One deployment of store `demo`: its servers, their addresses, and its generated secrets.

    Port 0 takes a free one; a port in use raises StepFailedError. `host`: the address of this machine that the servers
    listen on.
    """

    def __init__(self, shopify_port: int = 0, aws_port: int = 0, host: str = "127.0.0.1") -> None:
        self.host = host
        self.shopify = f"http://{host}:{_free(shopify_port, host)}"
        self.aws = f"http://{host}:{_free(aws_port, host)}"
        self.gladly = f"http://{host}:{_free(0, host)}"
        self.secrets = {n: secrets.token_hex(24) for n in _SECRETS}
        self.children: list[subprocess.Popen[bytes]] = []
        #: The processes of the servers, by `shopify`, `gladly` and `aws`.
        self.servers: dict[str, subprocess.Popen[bytes]] = {}
        self._folder = Folder()
        self.logs = self._folder.path

    def start_servers(self, *options: str) -> None:
        """Start the sandbox Shopify, with these options more, the stand-in for Gladly and the local AWS, and wait until
        all answer."""
        port = self.shopify.rpartition(":")[2]
        client = f"{CLIENT_ID}:{self.secrets['client_secret']}"
        sandbox = [
            sys.executable,
            "-m",
            "local.sandbox",
            "--host",
            self.host,
            "--port",
            port,
            "--token",
            self.secrets["token"],
        ]
        sandbox += ["--client", client, *options]
        self._serve("shopify", sandbox)
        helpdesk = [sys.executable, "-m", "local.gladly", "--host", self.host, "--port", self.gladly.rpartition(":")[2]]
        helpdesk += ["--user", GLADLY_USER, "--token", self.secrets["gladly_token"]]
        self._serve("gladly", helpdesk)
        aws = [str(ROOT / ".venv-aws/bin/python"), str(ROOT / "local/demo/local_aws.py")]
        quiet = {
            "GATEWAY_PORT": self.aws.rpartition(":")[2], "BIND_HOST": self.host, "IOT_MTLS_ENABLED": "false",
            "PERSIST_STATE": "0", "AUTH": "true",
        }  # fmt: skip
        self._serve("aws", aws, **quiet, **self.environment())
        addresses = {
            "sandbox Shopify": self.shopify,
            "stand-in for Gladly": self.gladly,
            "local AWS": f"{self.aws}/_ministack/health",
        }
        for name, url in addresses.items():
            self._wait(name, url)

    def _serve(self, name: str, command: list[str], **environment: str) -> None:
        self.servers[name] = start(command, self.logs / f"{name}.log", **environment)
        self.keep(self.servers[name])

    def keep(self, child: subprocess.Popen[bytes]) -> None:
        """Register a server, to be stopped by `stop`, or by a later start if this process is killed."""
        self.children.append(child)
        self._folder.note(child)

    def build(self, *, containers: bool = False) -> None:
        """`sam build` for this machine, where the local AWS runs the functions, or for `containers` on it."""
        # A Mac is not Lambda's Linux, but its containers are. Keep that build apart from a real one.
        elsewhere = {} if containers or sys.platform == "linux" else {"LAYER_FOR": "this-machine"}
        kept = ".aws-sam/cache-of-demo" + ("-here" if elsewhere else "")
        chosen = ("--parameter-overrides", f"Architecture={ARCHITECTURE}")
        with _alone():
            self.sam("build", "--cached", "--build-dir", BUILT, "--cache-dir", kept, *chosen, **elsewhere)

    def deploy(self, **parameters: str) -> str:
        """`sam deploy` with parameters of the template; returns its output."""
        self.client("s3").create_bucket(Bucket=_BUCKET)
        options = (
            "deploy", "--template-file", f"{BUILT}/template.yaml", "--stack-name", STACK, "--s3-bucket", _BUCKET,
            "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset",
            "--no-progressbar",
            "--parameter-overrides", f"Stage={STAGE}", f"Architecture={ARCHITECTURE}",
            *(f"{name}={value}" for name, value in parameters.items()),
        )  # fmt: skip
        with _alone():
            return self.sam(*options)

    def delete(self) -> str:
        """`sam delete`; returns its output."""
        return self.sam("delete", "--stack-name", STACK, "--no-prompts", "--region", REGION)

    def set_parameters(self) -> None:
        """Set everything that store `demo` needs, with all actions switched on."""
        ssm, path = self.client("ssm"), f"/orderdesk/{STAGE}/stores/{STORE}"
        secret = {
            "shopify/access_token": self.secrets["token"],
            "helpdesk/signing_key": self.secrets["signing_key"],
            "helpdesk/bearer_token": self.secrets["bearer_token"],
            "helpdesk/gladly_token": self.secrets["gladly_token"],
        }
        plain = {"shopify/domain": self.shopify, "default_region": "US", "actions/enabled": "true"}
        plain |= {action.switch: "true" for action in ACTIONS}
        plain |= {
            "helpdesk/gladly_host": self.gladly,
            "helpdesk/gladly_user": GLADLY_USER,
            "helpdesk/gladly_inbox": INBOX,
        }
        for values, kind in ((secret, "SecureString"), (plain, "String")):
            for name, value in values.items():
                ssm.put_parameter(Name=f"{path}/{name}", Value=value, Type=kind, Overwrite=True)

    def set_parameter(self, name: str, value: str) -> None:
        """Set one parameter of store `demo`."""
        path = f"/orderdesk/{STAGE}/stores/{STORE}/{name}"
        self.client("ssm").put_parameter(Name=path, Value=value, Type="String", Overwrite=True)

    def base_url(self) -> str:
        """The base address of store `demo`."""
        apis = self.client("apigateway").get_rest_apis()["items"]
        return f"{self.aws}/restapis/{apis[0]['id']}/{STAGE}/_user_request_/stores/{STORE}"

    def first_lookup(self) -> str:
        """Look up a customer until the deployed lookup answers; returns the customer's id."""
        headers = {"Authorization": f"Bearer {self.secrets['bearer_token']}"}
        query = {"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}}
        base, until, answer = self.base_url(), time.monotonic() + 40, None
        while time.monotonic() < until:
            answer = requests.post(base, json=query, headers=headers, timeout=30)
            if answer.status_code == 200 and answer.json()["results"]:
                return str(answer.json()["results"][0]["externalCustomerId"])
            time.sleep(0.5)
        log = (self.logs / "aws.log").read_text(errors="replace")[-4000:]
        raise StepFailedError("The deployed lookup does not answer", f"{answer and answer.text}\n{log}")

    def client(self, service: str) -> Any:
        """A client of the local AWS."""
        return boto3.client(
            service, endpoint_url=self.aws, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
        )

    def environment(self) -> dict[str, str]:
        """The environment that makes AWS tools use the local AWS and our folder, and the SAM CLI find this Python."""
        return {
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
            "TMPDIR": str(self.logs),
            "PATH": f"{Path(sys.executable).resolve().parent}:{os.environ['PATH']}",
        }

    def sam(self, *arguments: str, **environment: str) -> str:
        """Run the SAM CLI against the local AWS and return its output. Raises StepFailedError."""
        os.chdir(ROOT)
        return run([str(ROOT / ".venv-sam/bin/sam"), *arguments], **self.environment(), **environment)

    def stop(self) -> None:
        """Stop the servers and what they started, and remove their files."""
        stop(self.children)
        self._folder.remove()

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


@contextmanager
def _alone() -> Iterator[None]:
    """Only one deployment at a time: `sam build` has one output folder."""
    folder = ROOT / ".aws-sam"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
