"""The demo's receiver of webhooks: it checks each signature with the official library, keeps what arrives, and can be
made to fail, so that one sees the next attempts."""

import base64
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any, NamedTuple

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

#: Where it listens on the desk's server.
PATH = "/webhook"
_EVENTS_AT_MOST, _DELIVERIES_AT_MOST = 200, 50


class Mood(NamedTuple):
    """How the receiver answers. `name` and `label`: on the page."""

    name: str
    label: str
    status: int
    seconds: float
    watch: str


MOODS = (
    Mood("well", "Works", 204, 0.0, "Accepts every event."),
    Mood("down", "Down", 503, 0.0, "Answers 503. Each event comes again, after longer and longer pauses."),
    Mood("refuses", "Refuses", 400, 0.0, "Answers 400. Each event comes again; the others of its operation wait."),
    Mood(
        "slow", "Too slow", 204, 15.0, "Answers after 15 seconds, and Orderdesk waits for ten. It counts as no answer."
    ),
)


class Receiver:
    """What arrived, newest last, by event."""

    def __init__(self) -> None:
        self.secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        self._webhook = Webhook(self.secret)
        self._events: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock, self.mood, self._version = Lock(), MOODS[0], 0

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a delivery; `headers` have lower-case names. Returns the HTTP status of the answer."""
        try:
            said = self._webhook.verify(body, dict(headers))
        except (WebhookVerificationError, ValueError):
            return 401
        mood = self.mood
        with self._lock:
            self._version += 1
            event = self._events.setdefault(
                headers["webhook-id"], {"id": headers["webhook-id"], "event": said, "deliveries": []}
            )
            shown = "no answer in time" if mood.seconds else str(mood.status)
            accepted = mood.status < 300 and not mood.seconds
            event["deliveries"] = [
                *event["deliveries"],
                {"at": datetime.now(UTC).isoformat(), "answer": shown, "accepted": accepted},
            ][-_DELIVERIES_AT_MOST:]
            event["version"] = self._version
            while len(self._events) > _EVENTS_AT_MOST:
                self._events.popitem(last=False)
        time.sleep(mood.seconds)
        return mood.status

    def behave(self, name: str) -> None:
        """Answer in this way from now on (a name of `MOODS`). Raises KeyError."""
        self.mood = {mood.name: mood for mood in MOODS}[name]

    def shown(self) -> dict[str, Any]:
        """For the page: the events, newest first, and how it answers."""
        with self._lock:
            events = json.loads(json.dumps(list(reversed(self._events.values()))))
        return {"events": events, "mood": self.mood.name, "moods": [mood._asdict() for mood in MOODS]}
