"""A store's parameters in SSM, for the configuration page: read, written, and the `aws ssm` command that does the same.

A secret is never shown, only whether it is set.
"""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import boto3
import phonenumbers
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from deliver_webhooks import webhook
from orderdesk import gladly
from orderdesk.actions import ACTIONS
from orderdesk.config import KEY_CHARACTERS, KEYS, Settings
from orderdesk.config import LIMITS as PARAMETER
from orderdesk.errors import Misconfigured
from orderdesk.limits import is_name
from publish_events.action import AGENTS

from . import limits
from .stack import Stack

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
SECRETS = {
    "shopify/access_token": "$ACCESS_TOKEN",
    "shopify/client_secret": "$CLIENT_SECRET",
    "helpdesk/signing_key": "$SIGNING_KEY",
    "helpdesk/bearer_token": "$BEARER_TOKEN",
    gladly.TOKEN: "$GLADLY_TOKEN",
    "helpdesk/webhook_secret": "$WEBHOOK_SECRET",
}
#: The parameters of actions, by name: lists, and switches that are on if they are not set.
_OWN = {name: (action, of) for action in ACTIONS for name, of in zip(action.lists, action.parameters, strict=True)}
SWITCHES = {"actions/enabled": "Master switch"}
for _action in ACTIONS:
    SWITCHES[_action.switch] = _action.title
    SWITCHES |= {n: f"{of.title} ({a.title})" for n, (a, of) in _OWN.items() if a is _action and of.is_switch}
_MASTER, _FIRST, *_ = SWITCHES
#: The lists that the page may write, by name.
_LISTS = {name: of for name, (_, of) in _OWN.items() if not of.is_switch}
_OF_GLADLY = (gladly.HOST, gladly.USER, gladly.INBOX)
_TEXTS = ("shopify/domain", "default_region", webhook.URL, AGENTS, *_OF_GLADLY)
#: Example values for commands, if a parameter is not set yet.
_EXAMPLES = {
    **{name: of.example for name, of in _LISTS.items()},
    "shopify/domain": "my-store.myshopify.com",
    "default_region": "US",
    gladly.HOST: "acme.gladly.com",
    gladly.USER: "orderdesk@example.com",
    gladly.INBOX: "NFpDZtfqhk2pI6fjaVDlFf",
    webhook.URL: "https://receiver.example.com/orderdesk",
    AGENTS: "true",
}
#: Values that the AWS CLI takes for an address to read from (version 1) or for an option.
_NOT_PLAIN = re.compile(r"[A-Za-z]+://|-")
_VALUE_CHARACTERS = 4096
#: For a check of an address alone.
_ANY_SECRET = "whsec_" + 32 * "A"
_STORES_AT_MOST = 200


class SettingsError(Exception):
    """The parameters cannot be read or written, or a value is not valid; the text says why and what to do."""


class Parameters:
    """The parameters of all stores of a stage."""

    def __init__(self, stack: Stack, client: Any = None) -> None:
        self._stack, self._client = stack, client

    def stores(self) -> list[str]:
        """The handles of the stores that have parameters, sorted. Raises SettingsError."""
        names = self._read(f"{self._root()}/", decrypt=False)
        return sorted({name.partition("/")[0] for name in names})[:_STORES_AT_MOST]

    def shown(self, store: str) -> dict[str, Any]:
        """A store's parameters for the page, without secrets. Raises SettingsError."""
        known = self.settings(store)
        text = _texts(known)
        return {
            "store": store,
            "path": self._path(store, "").rstrip("/"),
            "switches": [
                {
                    "name": name,
                    "title": title,
                    "on": switched_on(known, name),
                    "lines": {v: self.line(store, name, v) for v in ("true", "false")},
                }
                for name, title in SWITCHES.items()
            ],
            "lists": [
                {"name": name, "title": of.title, "hint": of.meaning, "values": list(values)}
                | self._lines(store, name, ", ".join(values))
                for name, of in _LISTS.items()
                for values in [known.listed(name)]
            ],
            "texts": [
                {"name": name, "value": text.get(name, "")} | self._lines(store, name, text.get(name, ""))
                for name in _TEXTS
            ],
            "secrets": [
                {"name": name, "set": bool(text.get(name)), "line": self.line(store, name, variable)}
                for name, variable in SECRETS.items()
            ],
            "clientId": {"set": bool(text.get("shopify/client_id")), "line": self._client_id_line(store)},
            "limits": limits.shown(known, lambda value: self.line(store, PARAMETER, value)),
            "missing": missing(known) + limits.missing(known) + _unusable_gladly(known),
        }

    def settings(self, store: str) -> Settings:
        """A store's parameters in the form that the functions use. Raises SettingsError."""
        return Settings(store, self._stack.stage, self._read(self._path(store, ""), decrypt=True))

    def write(self, store: str, name: str, value: str) -> None:
        """Write one parameter. An empty list or text deletes it. Raises SettingsError."""
        path = self._path(store, name)
        wanted, ssm = self._usable(name, value), self._ssm()
        if name == PARAMETER or is_name(name):
            path, wanted = self._path(store, PARAMETER), self._usable_limits(store, name, value)
        try:
            if wanted:
                ssm.put_parameter(Name=path, Value=wanted, Type="String", Overwrite=True)
            else:
                ssm.delete_parameter(Name=path)
        except (BotoCoreError, ClientError) as failure:
            if "ParameterNotFound" not in str(failure):
                raise _clear(failure) from None

    def line(self, store: str, name: str, value: str) -> str:
        """The `aws ssm` command that sets a parameter, or deletes it if the value is empty."""
        path = self._path(store, name)
        if not value:
            return self._aws(f"delete-parameter --name {path}")
        if name in SECRETS:
            return self._aws(f'put-parameter --overwrite --type SecureString --name {path} --value "{value}"')
        if _NOT_PLAIN.match(value):
            whole = {"Name": path, "Type": "String", "Overwrite": True, "Value": value}
            return self._aws(f"put-parameter --cli-input-json {shlex.quote(json.dumps(whole, ensure_ascii=False))}")
        return self._aws(f"put-parameter --overwrite --type String --name {path} --value {shlex.quote(value)}")

    def _lines(self, store: str, name: str, value: str) -> dict[str, Any]:
        """The commands for a text or a list: `line` sets the value or an example, `unset` deletes it."""
        return {
            "isSet": bool(value),
            "line": self.line(store, name, value or _EXAMPLES[name]),
            "unset": "" if name == "shopify/domain" else self.line(store, name, ""),
        }

    def _client_id_line(self, store: str) -> str:
        path = self._path(store, "shopify/client_id")
        return self._aws(f'put-parameter --overwrite --type String --name {path} --value "$CLIENT_ID"')

    def _usable(self, name: str, value: str) -> str:
        if len(value) > _VALUE_CHARACTERS:
            raise SettingsError(f"A parameter can have at most {_VALUE_CHARACTERS} characters.")
        if "{{" in value or not value.isprintable():
            raise SettingsError("A parameter can't contain line breaks or “{{” in it.")
        if name in SWITCHES and value in ("true", "false"):
            return value
        if name in _LISTS:
            return self._usable_list(name, value)
        if name == PARAMETER or is_name(name):
            return value
        if name in _OF_GLADLY:
            return self._usable_for_gladly(name, value.strip())
        texts = {
            "default_region": self._usable_region,
            "shopify/domain": self._usable_domain,
            webhook.URL: self._usable_address,
            AGENTS: self._usable_switch,
        }
        if name not in texts:
            raise SettingsError("This page can't change that parameter.")
        return texts[name](value.strip())

    def _usable_region(self, value: str) -> str:
        if value.upper() not in {"", *phonenumbers.SUPPORTED_REGIONS}:
            raise SettingsError("Enter a two-letter country code, such as US or DE.")
        return value.upper()

    def _usable_switch(self, value: str) -> str:
        if value.lower() not in ("", "true", "false"):
            raise SettingsError("Enter true or false.")
        return value.lower()

    def _usable_limits(self, store: str, name: str, value: str) -> str:
        """All limits with this one changed: they are one parameter."""
        try:
            wanted = limits.changed(self.settings(store), name, value)
        except ValueError as wrong:
            raise SettingsError(str(wrong)) from None
        if len(wanted) > _VALUE_CHARACTERS:
            raise SettingsError(f"All limits together can have at most {_VALUE_CHARACTERS} characters.")
        return wanted

    def _usable_list(self, name: str, value: str) -> str:
        parts = [" ".join(part.split()) for part in value.split(",")]
        if too_long := next((p for p in parts if len(p) > _LISTS[name].characters), None):
            raise SettingsError(f"“{too_long[:60]}” is too long: at most {_LISTS[name].characters} characters.")
        return ", ".join(dict.fromkeys(p for p in parts if p))

    def _usable_domain(self, value: str) -> str:
        try:
            _ = Settings("", self._stack.stage, {"shopify/domain": value}).shopify_url
        except Misconfigured:
            raise SettingsError("Enter the store's Shopify domain, such as my-store.myshopify.com.") from None
        return value

    def _usable_for_gladly(self, name: str, value: str) -> str:
        """A value that Gladly can be called with, whatever the others are; empty to remove it."""
        others = {gladly.HOST: "acme.gladly.com", gladly.USER: "orderdesk@example.com", gladly.TOKEN: "token"}
        try:
            _ = gladly.of_store(Settings("", self._stack.stage, others | ({name: value} if value else {})))
        except gladly.Unusable as wrong:
            raise SettingsError(f"{wrong}.") from None
        return value

    def _usable_address(self, value: str) -> str:
        try:
            if value:
                webhook.of(value, (_ANY_SECRET,), local=self._stack.stage == "local")
        except webhook.Unusable:
            raise SettingsError(
                "Enter an address that begins with https://, without a user, a password or a #, such as "
                f"{_EXAMPLES[webhook.URL]}."
            ) from None
        return value

    def connect(self, store: str, url: str, secret: str) -> None:
        """Let a store's events go to a webhook. Raises SettingsError."""
        try:
            for name, value, kind in ((webhook.SECRET, secret, "SecureString"), (webhook.URL, url, "String")):
                self._ssm().put_parameter(Name=self._path(store, name), Value=value, Type=kind, Overwrite=True)
        except (BotoCoreError, ClientError) as failure:
            raise _clear(failure) from None

    def _read(self, path: str, *, decrypt: bool) -> dict[str, str]:
        try:
            pages = self._ssm().get_paginator("get_parameters_by_path")
            found = pages.paginate(Path=path, Recursive=True, WithDecryption=decrypt)
            return {p["Name"][len(path) :]: p["Value"] for page in found for p in page["Parameters"]}
        except (BotoCoreError, ClientError) as failure:
            raise _clear(failure) from None

    def _root(self) -> str:
        if not self._stack.stage:
            raise SettingsError("The stage is not in the address. Start the desk with it, such as STAGE=prod.")
        return f"/orderdesk/{self._stack.stage}/stores"

    def _path(self, store: str, name: str) -> str:
        if not HANDLE.match(store):
            raise SettingsError("Use at most 63 lower-case letters, digits and hyphens for the handle.")
        return f"{self._root()}/{store}/{name}"

    def _aws(self, words: str) -> str:
        """A shell command. In the demo, where AWS is on this machine, with its endpoint and dummy credentials."""
        if not self._stack.aws:
            return f"aws ssm {words}"
        here = f"--endpoint-url {self._stack.aws} --region {self._stack.region}"
        return f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws ssm {words} {here}"

    def _ssm(self) -> Any:
        if self._client is None:
            patience = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
            here: dict[str, Any] = {"region_name": self._stack.region} if self._stack.region else {}
            if self._stack.aws:
                here |= {"endpoint_url": self._stack.aws, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
            try:
                self._client = boto3.client("ssm", config=patience, **here)
            except BotoCoreError as failure:
                raise _clear(failure) from None
        return self._client


def switched_on(known: Settings, name: str) -> bool:
    """True if this switch is on, whatever the others are."""
    if name in _OWN:
        return known.is_on(name)
    others = dict.fromkeys(SWITCHES, "true")
    alone = Settings(known.store, known.stage, others | {name: known.values.get(name, "")})
    return alone.enabled(next((a for a in ACTIONS if a.switch == name), ACTIONS[0]))


def missing(known: Settings) -> list[dict[str, str]]:
    """What stops the store from working, the worst first: `what`, `why`, and the parameter's `name`."""
    text = _texts(known)
    found: list[tuple[bool, str, str, str]] = [
        (
            not (known.signing_keys or known.bearer_tokens or any(map(known.too_short, KEYS))),
            "No key for the helpdesk",
            "Without a signing key or a bearer token, every request is refused.",
            "helpdesk/signing_key",
        ),
        (
            not _reaches_shopify(known),
            "No Shopify domain" if not text.get("shopify/domain") else "Invalid Shopify domain",
            "Orderdesk needs the Shopify store's domain, such as my-store.myshopify.com.",
            "shopify/domain",
        ),
        (
            not (known.access_token or (text.get("shopify/client_id") and text.get("shopify/client_secret"))),
            "No Shopify credentials",
            "Set the client ID and secret, or an access token.",
            "shopify/client_secret",
        ),
        (
            not switched_on(known, _MASTER),
            "All actions are off",
            "The master switch is off, so agents see orders but no actions.",
            "actions/enabled",
        ),
        (
            switched_on(known, _MASTER) and not known.switched_on,
            "No action is on",
            "The master switch is on, but every action's own switch is off.",
            _FIRST,
        ),
        (
            not known.default_region,
            "No default country",
            "Customers can't be found by phone numbers without a country code.",
            "default_region",
        ),
    ]
    return (
        _short_keys(known)
        + _no_webhook(known)
        + [{"what": what, "why": why, "name": name} for is_so, what, why, name in found if is_so]
    )


def _short_keys(known: Settings) -> list[dict[str, str]]:
    """What to do about keys that are too short."""
    said = {"helpdesk/signing_key": "signing key", "helpdesk/bearer_token": "bearer token"}
    why = (
        f"Fewer than {KEY_CHARACTERS} characters can be guessed, so it is ignored. To create one: openssl rand -hex 24"
    )
    return [{"what": f"A {said[n]} is too short", "why": why, "name": n} for n in KEYS if known.too_short(n)]


def _unusable_gladly(known: Settings) -> list[dict[str, str]]:
    """Why late outcomes can't be written into Gladly, if some of its parameters are set."""
    try:
        _ = gladly.of_store(known)
    except gladly.Unusable as wrong:
        why = f"{wrong}. Late outcomes wait for a day, then a person has to tell the agent."
        return [{"what": "Gladly can't be called", "why": why, "name": str(wrong).partition(" ")[0]}]
    return []


def _no_webhook(known: Settings) -> list[dict[str, str]]:
    """Why the store's events can't be sent to its webhook, if it has one."""
    try:
        webhook.of_store(known)
    except webhook.Unusable as unusable:
        name = webhook.URL if str(unusable).startswith(webhook.URL) else webhook.SECRET
        why = f"{unusable}. Its events wait for a day. To create a secret: echo whsec_$(openssl rand -base64 32)"
        return [{"what": "The webhook can't be called", "why": why, "name": name}]
    return []


def _texts(known: Settings) -> Mapping[str, str]:
    return {name: value.strip() for name, value in known.values.items()}


def _reaches_shopify(known: Settings) -> bool:
    try:
        return bool(known.shopify_url)
    except Misconfigured:
        return False


def _clear(failure: Exception) -> SettingsError:
    """AWS's refusal in words for an admin."""
    if isinstance(failure, NoCredentialsError):
        return SettingsError("No AWS credentials. Sign in (aws sso login, or AWS_PROFILE=…) and restart the desk.")
    if isinstance(failure, NoRegionError):
        return SettingsError("No AWS region. Start the desk with the region, such as REGION=eu-central-1.")
    if isinstance(failure, ClientError):
        code = failure.response.get("Error", {}).get("Code", "")
        if "AccessDenied" in code:
            return SettingsError(
                "Your AWS user may not read or write these parameters. It needs ssm:GetParametersByPath, "
                "ssm:PutParameter and ssm:DeleteParameter on /orderdesk/*."
            )
        if "Expired" in code or "Token" in code or "Signature" in code:
            return SettingsError("AWS does not accept your credentials, or they have expired. Sign in again.")
        return SettingsError(f"AWS refused ({code}).")
    return SettingsError(f"AWS does not answer ({type(failure).__name__}).")
