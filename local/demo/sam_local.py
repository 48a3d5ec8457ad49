"""`python -m local.demo.sam_local`: each function in its own container, with the SAM CLI's local Lambda.

Deploys into a local AWS for tables and parameters, then runs `sam local invoke` for every function with its file in
`events/`, and `sam local start-api` with a lookup and a form. Needs Docker. `SAM_ARGS` in the environment is passed to
the SAM CLI (`--skip-pull-image` if the base image is already there).
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import requests

from local import template

from .deployment import ARCHITECTURE, BUILT, ROOT, STAGE, Deployment
from .ports import free
from .processes import StepFailedError, start

#: The store and the bearer token used by the files in `events/`.
EVENTS = ROOT / "events"
STORE, BEARER = "main", "bearer-token-of-the-tests"
#: Starting a container takes some seconds, more on a busy machine.
_SECONDS = 120


def function_of(event: Path) -> str:
    """The function's name in template.yaml, from the name of its event."""
    return "".join(word.title() for word in event.stem.split("_")) + "Function"


#: The name that containers use for the machine they run on.
_OUTSIDE = "host.docker.internal"


def bridge() -> str:
    """The address of this machine that its containers can reach. Raises StepFailedError if Docker does not answer.

    On Linux it is the gateway of Docker's bridge, which only containers and this machine can reach. Docker Desktop
    forwards it to the loopback address.
    """
    docker = shutil.which("docker")
    command = ["network", "inspect", "bridge", "--format", "{{json (index .IPAM.Config 0)}}"]
    asked = subprocess.run([docker, *command], capture_output=True, text=True, check=False) if docker else None
    if not asked or asked.returncode:
        raise StepFailedError(
            "No Docker engine answers. `sam local` runs functions in containers: install and start Docker, or use "
            "`make demo`, which needs none."
        )
    return gateway(json.loads(asked.stdout)) if sys.platform == "linux" else "127.0.0.1"


def gateway(network: dict[str, str]) -> str:
    """A Docker network's gateway. An engine that has not started a container yet may leave it out; then the first
    address."""
    return network.get("Gateway") or str(ip_network(network["Subnet"])[1])


class SamLocal:
    """`sam local` with the sandbox Shopify and the local AWS of a deployment."""

    def __init__(self, host: str) -> None:
        self.deployment = Deployment(host=host)
        self._template = ROOT / BUILT / "template-local.yaml"
        self._variables = self.deployment.logs / "variables.json"
        self._server: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """Start servers, create tables and the parameters of the store of `events/`, and write the containers'
        settings."""
        self.deployment.start_servers()
        self.deployment.build(containers=True)
        self.deployment.deploy()
        self._set_parameters()
        # The SAM CLI only passes on variables that are in the template.
        text = (ROOT / BUILT / "template.yaml").read_text()
        told, count = re.subn(r"^( +)ORDERDESK_STAGE:", r"\1AWS_ENDPOINT_URL: ''\n\g<0>", text, flags=re.MULTILINE)
        if count != 1:
            raise StepFailedError("template.yaml has no ORDERDESK_STAGE among the variables of all functions")
        self._template.write_text(told)
        self._variables.write_text(json.dumps({"Parameters": self._told()}))

    def _set_parameters(self) -> None:
        self.deployment.set_parameters()
        ssm = self.deployment.client("ssm")
        path = f"/orderdesk/{STAGE}/stores"
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True, WithDecryption=True)
        for page in pages:
            for known in page["Parameters"]:
                name = known["Name"].replace(f"{path}/demo/", f"{path}/{STORE}/")
                given = {
                    "bearer_token": BEARER,
                    "domain": self._outside(self.deployment.shopify),
                    "gladly_host": self._outside(self.deployment.gladly),
                }
                value = given.get(name.rpartition("/")[2], known["Value"])
                ssm.put_parameter(Name=name, Value=value, Type=known["Type"], Overwrite=True)

    def _outside(self, address: str) -> str:
        return address.replace(self.deployment.host, _OUTSIDE)

    def _told(self) -> dict[str, str]:
        tables = self.deployment.client("cloudformation").describe_stack_resources(StackName="orderdesk")
        names = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in tables["StackResources"]}
        return {
            "AWS_ENDPOINT_URL": self._outside(self.deployment.aws),
            "ORDERDESK_STAGE": STAGE,
            "OPERATIONS_TABLE": names["OperationsTable"],
            "TIMELINE_TABLE": names["TimelineTable"],
            "OPERATION_RETENTION_DAYS": template.default("OperationRetentionDays"),
            "OPERATION_SHARDS": template.default("OperationShards"),
            "RECONCILE_QUEUE": names["ReconcileQueue"],
        }

    def _options(self) -> list[str]:
        return [
            "--template-file", str(self._template), "--env-vars", str(self._variables),
            "--add-host", f"{_OUTSIDE}:host-gateway",
            "--parameter-overrides", f"Stage={STAGE}", f"Architecture={ARCHITECTURE}",
            *shlex.split(os.environ.get("SAM_ARGS", "")),
        ]  # fmt: skip

    def invoke(self, event: Path) -> dict[str, Any]:
        """A function's reply to its event. Raises StepFailedError if it failed."""
        output = self.deployment.sam("local", "invoke", function_of(event), "-e", str(event), *self._options())
        replies = [line for line in output.splitlines() if line.startswith("{")]
        reply = json.loads(replies[-1]) if replies else {}
        if not isinstance(reply, dict) or "errorType" in reply or not replies:
            raise StepFailedError(f"{function_of(event)} broke", output)
        return reply

    def serve(self) -> str:
        """Run `sam local start-api`; returns the store's base address when it answers."""
        port = free(0)
        # A lookup's time starts when it arrives, and a container takes longer to start than a lookup may take.
        sam = [str(ROOT / ".venv-sam/bin/sam"), "local", "start-api", "--port", str(port)]
        sam += ["--warm-containers", "EAGER", *self._options()]
        log = self.deployment.logs / "start-api.log"
        server = start(sam, log, **self.deployment.environment())
        self.deployment.keep(server)
        self._server = server
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and server.poll() is None:
            if "Running on" in log.read_text(errors="replace"):
                return f"http://127.0.0.1:{port}/stores/{STORE}"
            time.sleep(0.5)
        raise StepFailedError("`sam local start-api` did not start", log.read_text(errors="replace"))

    def ask(self, base: str) -> list[tuple[str, int]]:
        """Send a lookup, a DETAILED lookup and a form request over HTTP; returns their statuses."""
        headers = {"Authorization": f"Bearer {BEARER}"}
        query = {"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}}
        found = requests.post(base, json=query, headers=headers, timeout=_SECONDS)
        customer = found.json()["results"][0]["externalCustomerId"]
        query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}}
        profile = requests.post(base, json=query, headers=headers, timeout=_SECONDS)
        action = profile.json()["results"][0]["actions"][0]
        form = requests.get(base + action["formUrl"], headers=headers, timeout=_SECONDS)
        return [("lookup", found.status_code), ("profile", profile.status_code), (action["name"], form.status_code)]

    def down(self) -> None:
        """Stop all of it; the SAM CLI first, which takes time and may leave containers behind."""
        if self._server:
            self._server.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(_SECONDS)
        self.deployment.stop()
        _remove_containers()


def _remove_containers() -> None:
    """Remove the containers that our built functions are mounted into, and no others."""
    mounted = [f"--filter=volume={folder}" for folder in sorted((ROOT / BUILT).glob("*Function"))]
    found = subprocess.run(["docker", "ps", "-aq", *mounted], capture_output=True, text=True, check=False).stdout
    if mounted and found:
        subprocess.run(["docker", "rm", "--force", *found.split()], capture_output=True, check=False)


def main() -> int:
    """Run everything and print the results. Returns 1 if something failed."""
    local = None
    try:
        local = SamLocal(bridge())
        print("Deploying tables and parameters into a local AWS …", flush=True)
        local.up()
        for event in sorted(EVENTS.glob("*.json")):
            reply = local.invoke(event)
            status, body = reply.get("statusCode", "ran"), str(reply.get("body", reply))
            print(f"sam local invoke {function_of(event)} -e events/{event.name}: {status} {body[:100]}", flush=True)
            if status != "ran" and (status >= 500 or "settings_unavailable" in body):
                raise StepFailedError(f"{function_of(event)} answered {status}", body)
        for what, status in local.ask(local.serve()):
            print(f"sam local start-api: {what}: {status}", flush=True)
            if status != 200:
                raise StepFailedError(f"{what} got HTTP {status}")
        return 0
    except KeyboardInterrupt:
        return 1
    except (StepFailedError, requests.RequestException) as failure:
        output = "\n".join(getattr(failure, "output", "").splitlines()[-40:])
        print(f"{failure}\n{output}", file=sys.stderr)
        return 1
    finally:
        if local:
            local.down()


if __name__ == "__main__":
    sys.exit(main())
