"""A store's parameters in SSM Parameter Store, under `/orderdesk/{stage}/stores/{store}/`.

A missing switch means off. A value that cannot be read is logged and replaced by the safe choice; it is never a crash.
Environment variables carry only names, and nothing is read before a call comes in.

SSM allows 40 calls a second for the whole account, and 1,000 with its setting for higher throughput. So a submit or a
form makes one call for all that it needs (`of_submit`, `of_form`), and a lookup as few as its names need. Values are
kept for up to 30 s, one store's a little shorter than another's, and so is the fact that a store does not exist. If SSM
does not answer, callers get the values that were kept, unless they ask for `fresh` ones. A call that SSM does not allow
this second is counted, and made again for some seconds.
"""

import os
import random
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import aws, metrics
from .actions import ACTIONS, ITEMS, REFUND, TAG_CHARACTERS, TAGS, Action
from .errors import Misconfigured, NotFound, SettingsUnavailable, TooManyStrangers
from .letters import lower, small

if TYPE_CHECKING:
    from botocore.config import _RetryDict
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import GetParametersResultTypeDef

logger = Logger(service="orderdesk", child=True)

#: How old the values of a lookup may be, in seconds. A submit always reads them again.
MAX_AGE = 30
#: The least part of that for which they are kept. What many processes have read in the same second, they do not read
#: again in the same second.
_KEPT_AT_LEAST = 0.7

#: For so many seconds a call is made again that SSM does not allow. A submit has 12 in all.
_PATIENCE = 4.0
_THROTTLED = "ThrottlingException"

#: How many parameters SSM returns in one call (`GetParameters`).
_NAMES_AT_ONCE = 10

#: How many unknown stores a process asks SSM for in `MAX_AGE` seconds: a stranger may name any store.
_STRANGE_STORES = 20

#: A shorter key or token can be guessed, so it is not accepted.
KEY_CHARACTERS = 16
KEYS = ("helpdesk/signing_key", "helpdesk/bearer_token")

#: The parameters that a function needs, by name.
SHOPIFY = ("shopify/domain", "shopify/access_token", "shopify/client_id", "shopify/client_secret")
CALLERS = ("shopify/domain", "helpdesk/signing_key", "helpdesk/bearer_token")
_FORMS = ("helpdesk/form_url_prefix", "actions/enabled")
#: All limits of a store in one parameter, so that a submit still reads all that it needs in one call.
LIMITS = "limits"
LOOKUP = (
    *dict.fromkeys(SHOPIFY + CALLERS), "default_region", "helpdesk/counts",
    *_FORMS, *(action.switch for action in ACTIONS),
)  # fmt: skip
[_REASONS], [_CATEGORIES], [_CONFIRM] = REFUND.lists, TAGS.lists, ITEMS.lists

_HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com\Z")
_STAND_IN = re.compile(r"http://(127\.0\.0\.1|host\.docker\.internal):[0-9]{1,5}\Z")
_ON, _OFF = frozenset({"true", "on", "yes", "1"}), frozenset({"false", "off", "no", "0"})


@dataclass(frozen=True)
class Settings:
    """One store's parameters, as they were in SSM at `read_at` (seconds). Secrets stay out of its `repr`."""

    store: str
    stage: str
    values: dict[str, str]
    read_at: float = 0.0

    def __repr__(self) -> str:
        return f"Settings(store={self.store!r}, parameters={sorted(self.values)!r})"

    def _text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def listed(self, name: str) -> tuple[str, ...]:
        """The items of a comma-separated list, each once; empty if the parameter is not set."""
        parts = (part.strip() for part in self._text(name).split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def _keys(self, name: str) -> tuple[str, ...]:
        return tuple(key for key in self.listed(name) if len(key) >= KEY_CHARACTERS)

    def _switch(self, name: str) -> bool:
        value = self._text(name).lower()
        if value and value not in _ON | _OFF:
            logger.warning("Switch is neither true nor false; treated as off", store=self.store, parameter=name)
        return value in _ON

    def enabled(self, action: Action) -> bool:
        """True if the master switch and the action's own switch are on."""
        return self._switch("actions/enabled") and self._switch(action.switch)

    @cached_property
    def switched_on(self) -> tuple[Action, ...]:
        """The actions that are switched on. They are read once, so a wrong switch is one log line."""
        return tuple(a for a in ACTIONS if self.enabled(a)) if self._switch("actions/enabled") else ()

    @property
    def signing_keys(self) -> tuple[str, ...]:
        """Gladly's signing keys: normally one; two (comma-separated) while one replaces the other.

        Keys of fewer than 16 characters are left out.
        """
        return self._keys("helpdesk/signing_key")

    @property
    def bearer_tokens(self) -> tuple[str, ...]:
        """Bearer tokens: normally one; two (comma-separated) while one replaces the other.

        Tokens of fewer than 16 characters are left out.
        """
        return self._keys("helpdesk/bearer_token")

    def too_short(self, name: str) -> bool:
        """True if the signing key or bearer token of this name has a value that is too short."""
        return self._keys(name) != self.listed(name)

    @property
    def form_url_prefix(self) -> str:
        """What comes before `formUrl` and `actionUrl`."""
        return self._text("helpdesk/form_url_prefix").rstrip("/")

    @property
    def counts_as_numbers(self) -> bool:
        """True if `itemCount` and `quantity` are sent as numbers (App Platform adapter), not as strings."""
        value = self._text("helpdesk/counts").lower()
        if value not in ("", "text", "number"):
            logger.warning("helpdesk/counts is neither text nor number; using text", store=self.store)
        return value == "number"

    @property
    def default_region(self) -> str | None:
        """The country (ISO 3166 alpha-2) of phone numbers without a country code."""
        value = self._text("default_region").upper()
        if value and not re.fullmatch(r"[A-Z]{2}", value):
            logger.warning("default_region is not a two-letter country code; ignored", store=self.store)
            return None
        return value or None

    @property
    def limits(self) -> str:
        """The limits as the admin wrote them; `orderdesk.limits` reads them."""
        return self._text(LIMITS)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The admin's reasons for a refund; empty if none are listed."""
        return self.listed(_REASONS)

    @property
    def confirms_items(self) -> bool:
        """True if the first submit of a refund of items shows the exact amount, and a second one refunds it."""
        return self.is_on(_CONFIRM)

    def is_opted_in(self, name: str) -> bool:
        """True if the parameter, a switch that is off if it is not set, says `true`."""
        return self._switch(name)

    def is_on(self, name: str) -> bool:
        """True unless the parameter, a switch that is on if it is not set, says `false`."""
        value = self._text(name).lower()
        if value and value not in _ON | _OFF:
            logger.warning("Switch is neither true nor false; treated as on", store=self.store, parameter=name)
        return value not in _OFF

    @property
    def categories(self) -> tuple[str, ...]:
        """The admin's category tags for orders; empty if agents edit all tags freely.

        Leaves out categories that are too long for a tag.
        """
        listed = self.listed(_CATEGORIES)
        if any(len(category) > TAG_CHARACTERS for category in listed):
            logger.warning("Category is too long for a tag; not offered", store=self.store)
        # To Shopify, tags that differ only in capitals are the same.
        first = {small(c): c for c in reversed(listed) if len(c) <= TAG_CHARACTERS}
        return tuple(reversed(first.values()))

    @property
    def shopify_url(self) -> str:
        """The address of the store's Shopify, such as `https://x.myshopify.com`. Raises Misconfigured if it is not
        set."""
        domain = self._text("shopify/domain")
        if shop := _shop_of(domain):
            return f"https://{shop}"
        if self.stage == "local" and _STAND_IN.match(domain):
            return domain
        logger.error("shopify/domain is missing or not a myshopify.com domain", store=self.store)
        raise Misconfigured(
            "This store isn't connected to Shopify.",
            "Nothing was changed. Ask an admin to set the parameter shopify/domain.",
        )

    @property
    def shop(self) -> str:
        """The store's shop, such as `x.myshopify.com`. Raises Misconfigured if it is not set.

        Two stores may share one shop: what must happen only once happens once for the shop.
        """
        return self.connected().partition("://")[2]

    def connected(self) -> str:
        """`shopify_url`, for callers that can't go on without it. Counts it and raises Misconfigured if it is not
        set."""
        try:
            return self.shopify_url
        except Misconfigured:
            metrics.needs_admin("ShopifyDomainUnusable", store=self.store)
            raise

    @property
    def admin_url(self) -> str:
        """The address of the store's Shopify admin, for people."""
        url = self.shopify_url
        handle = url.removeprefix("https://").removesuffix(".myshopify.com")
        return f"{url}/admin" if url.startswith("http://") else f"https://admin.shopify.com/store/{handle}"

    @property
    def access_token(self) -> str:
        """The static Shopify token; empty if the client-credentials grant is used."""
        return self._text("shopify/access_token")

    @property
    def client_credentials(self) -> tuple[str, str]:
        """Client id and secret for the client-credentials grant. Raises Misconfigured if either is missing."""
        client_id, secret = self._text("shopify/client_id"), self._text("shopify/client_secret")
        if not (client_id and secret):
            logger.error("Neither shopify/access_token nor a client id and secret is set", store=self.store)
            raise Misconfigured(
                "This store has no Shopify credentials.",
                "Nothing was changed. Ask an admin to set shopify/access_token, or client_id and client_secret.",
            )
        return client_id, secret


def _shop_of(text: str) -> str:
    """The shop's domain, from what an admin may write or paste: `Demo.myshopify.com`,
    `https://demo.myshopify.com/admin`, `https://admin.shopify.com/store/demo/orders`. Empty if it is not a shop."""
    address = lower(text.strip()).removeprefix("https://").removeprefix("http://")
    host, _, path = address.partition("/")
    if host == "admin.shopify.com" and path.startswith("store/"):
        host = f"{path.split('/')[1]}.myshopify.com"
    return host if _DOMAIN.match(host) else ""


def stage() -> str:
    """The deployment's stage. Only `local` may use a stand-in for Shopify."""
    return os.environ["ORDERDESK_STAGE"]


def of_form(action: Action) -> tuple[str, ...]:
    """The names of the parameters that an action's form needs: at most ten, so that one call reads them."""
    own = (of for of, parameter in zip(action.lists, action.parameters, strict=True) if not parameter.at_submit)
    return (*dict.fromkeys(SHOPIFY + CALLERS), *_FORMS, action.switch, *own, *action.form_reads)


def of_submit(action: Action) -> tuple[str, ...]:
    """The names of the parameters that an action's submit needs: at most ten. A reply to a submit has no address."""
    return (*dict.fromkeys(SHOPIFY + CALLERS), "actions/enabled", action.switch, *action.lists, LIMITS)


class _Kept(NamedTuple):
    """What SSM said about a store (no values: there is no such store), when it was last asked, and for how many seconds
    it need not be asked again."""

    values: dict[str, str]
    read_at: float
    asked_at: float
    keep: float

    @classmethod
    def now(cls, values: dict[str, str], moment: float) -> "_Kept":
        """What SSM has said at this moment."""
        return cls(values, moment, moment, MAX_AGE * random.uniform(_KEPT_AT_LEAST, 1))  # noqa: S311 - no secret


class _StoreParameters:
    """The parameters of stores, read by name. A role may not see everything under a path."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._kept: dict[str, _Kept] = {}
        self._strange: deque[float] = deque()

    def of(self, store: str, *, fresh: bool) -> _Kept:
        """The store's parameters, at most 30 s old unless SSM does not answer; read again if `fresh`.

        Raises ClientError or BotoCoreError if SSM does not answer and nothing was kept, or if `fresh`. Raises
        TooManyStrangers if too many unknown stores were named.
        """
        kept, now = self._kept.get(store), time.time()
        if kept and not fresh and 0 <= now - kept.asked_at < kept.keep:
            return kept
        strange = not (kept and kept.values)
        if strange:
            self._count_strange(now)
        try:
            values = self._read(f"/orderdesk/{stage()}/stores/{store}/", hurried=bool(kept) and not fresh)
        except (BotoCoreError, ClientError) as failure:
            if fresh or not kept:
                raise
            logger.warning("SSM did not answer; using the last values", store=store, cause=type(failure).__name__)
            self._kept[store] = kept._replace(asked_at=now)
        else:
            if strange and values:
                self._strange.pop()
            self._kept[store] = _Kept.now(values, now)
            _tell_of_short_keys(Settings(store, stage(), values))
        return self._kept[store]

    def _count_strange(self, now: float) -> None:
        """Count one more unknown store, and forget the older ones to limit memory. Raises StrangersHeldOff if there are
        too many."""
        if self.is_full(now):
            logger.warning("Too many unknown stores were requested; SSM is not asked for more")
            raise _unavailable(TooManyStrangers)
        self._strange.append(now)
        self._kept = {s: k for s, k in self._kept.items() if k.values or 0 <= now - k.asked_at < MAX_AGE}

    def is_full(self, now: float) -> bool:
        """True if so many unknown stores were named lately that SSM is not asked for more."""
        while self._strange and not 0 <= now - self._strange[0] < MAX_AGE:
            self._strange.popleft()
        return len(self._strange) >= _STRANGE_STORES

    @cached_property
    def hurried(self) -> "SSMClient":
        """A client with a short timeout, for callers that can go on with the values that were kept."""
        return _client(read_timeout=1, tries=1)

    def _read(self, path: str, *, hurried: bool) -> dict[str, str]:
        client = self.hurried if hurried else ssm()
        found: dict[str, str] = {}
        for first in range(0, len(self._names), _NAMES_AT_ONCE):
            names = [path + name for name in self._names[first : first + _NAMES_AT_ONCE]]
            read = partial(client.get_parameters, Names=names, WithDecryption=True)
            answer = read() if hurried else _when_allowed(read)
            found |= {p["Name"].removeprefix(path): p["Value"] for p in answer["Parameters"]}
        return found


@cache
def ssm() -> "SSMClient":
    """The one client of this process. A call ends within seconds, retries included."""
    return _client(read_timeout=2, tries=3)


def _client(read_timeout: int, tries: int) -> "SSMClient":
    retries: _RetryDict = {"mode": "standard", "total_max_attempts": tries}
    patience = Config(
        connect_timeout=1,
        read_timeout=read_timeout,
        retries=retries,
        # As for DynamoDB. A store's name is known to be well-formed before it becomes a path.
        parameter_validation=False,
        user_agent=aws.USER_AGENT,
    )
    client = aws.session().client("ssm", config=patience)
    client.meta.events.register("needs-retry.ssm", _count_throttled)
    return client


def _count_throttled(response: "tuple[Any, Mapping[str, Any]] | None", **_: Any) -> None:
    """Count each call that SSM did not allow, also those that botocore makes again."""
    if response and response[1].get("Error", {}).get("Code") == _THROTTLED:
        metrics.record("SettingsThrottled")


def _when_allowed(read: "Callable[[], GetParametersResultTypeDef]") -> "GetParametersResultTypeDef":
    """The answer of a call, which is made again while SSM allows no more calls, for some seconds.

    botocore makes it again after a random time, three times in all; a burst may need more. Raises botocore's errors.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return read()
        except ClientError as failure:
            if failure.response["Error"]["Code"] != _THROTTLED or time.monotonic() >= until:
                raise
        time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - so that those who were refused together do not come together


@cache
def parameters(names: tuple[str, ...]) -> _StoreParameters:
    """What this process has read about stores under these names. `parameters.cache_clear()` forgets it."""
    return _StoreParameters(names)


def settings(store: str, names: tuple[str, ...], *, fresh: bool = False) -> Settings:
    """The store's parameters of these names, at most 30 s old unless SSM does not answer; read again if `fresh`.

    Raises NotFound if the store has none of them, SettingsUnavailable if SSM does not answer.
    """
    if not _HANDLE.match(store):
        raise NotFound("There is no such store.", "Orderdesk does not know the store in the address.")
    try:
        kept = parameters(names).of(store, fresh=fresh)
    except (BotoCoreError, ClientError) as failure:
        logger.error("The store's parameters could not be read", store=store, cause=type(failure).__name__)
        metrics.record("SettingsUnavailable")
        raise _unavailable() from None
    if not kept.values:
        raise NotFound("There is no such store.", "Orderdesk does not know the store in the address.")
    return Settings(store, stage(), kept.values, kept.read_at)


def _tell_of_short_keys(known: Settings) -> None:
    for name in KEYS:
        if known.too_short(name):
            logger.error("Key is shorter than 16 characters; ignored", store=known.store, parameter=name)


def refuse_strangers(names: tuple[str, ...]) -> None:
    """Raise TooManyStrangers while SSM is not asked for more unknown stores.

    A caller without the right key then gets the same answer as for an unknown store, so the answer does not say which
    stores exist.
    """
    if parameters(names).is_full(time.time()):
        raise _unavailable(TooManyStrangers)


def _unavailable(kind: type[SettingsUnavailable] = SettingsUnavailable) -> SettingsUnavailable:
    return kind(
        "Orderdesk couldn't read its settings.",
        "Nothing was changed by this request. Please try again in a minute.",
    )


def require_switched_on(known: Settings, action: Action) -> None:
    """Raise Misconfigured if the action is switched off."""
    if not known.enabled(action):
        raise Misconfigured(
            f"“{action.title}” is switched off.",
            "Nothing was changed. An admin has switched this action off for your store.",
            code="switched_off",
        )
