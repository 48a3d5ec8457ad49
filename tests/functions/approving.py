"""Two agents that the helpdesk vouches for: one asks, the other one approves or declines."""

import json

from local.in_process import TOKEN
from tests.faults.acting import ORDER, SUBMITS, opened


def of(agent):
    """The headers of an agent, whose id the bearer token vouches for; of nobody for ""."""
    named = {"X-Agent-Id": agent, "X-Agent-Name": agent.capitalize()} if agent else {}
    return {"Authorization": f"Bearer {TOKEN}"} | named


def approval_from(desk, action, start="0.01", **more):
    """Set the limits of the desk's store: an approval from this amount on, and others."""
    limits = {"approval_above": start, **more}
    desk.set(limits=json.dumps({f"actions/{action.name}/{name}": value for name, value in limits.items()}))


def ask(desk, action, agent="ann", **values):
    """Open the form of an action and submit it; the answer, and the `actionUrl`."""
    url = opened(desk, action.slug)
    return desk.send("POST", url, SUBMITS[action.slug] | values, headers=of(agent)), url


def offered(desk, agent="bob"):
    """The decisions that the profile of the order's customer offers to an agent: addresses by name."""
    query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": desk.linked(ORDER)}}
    answer = desk.send("POST", "", query, headers=of(agent))
    [profile] = answer.body["results"]
    listed = [*profile["actions"], *(a for order in profile["transactions"] for a in order["actions"])]
    return {a["name"]: a["formUrl"] for a in listed if a["name"].startswith(("Approve", "Decline"))}


def form_url(desk, kind, agent="bob"):
    """The `formUrl` of the one decision of this kind (`Approve`) that is offered."""
    [url] = [url for name, url in offered(desk, agent).items() if name.startswith(kind)]
    return url


def form_of(desk, kind, agent="bob"):
    """The form of the one decision of this kind that is offered."""
    return desk.send("GET", form_url(desk, kind, agent), headers=of(agent))


def both(desk):
    """The `actionUrl`s of both decisions that are offered: to approve, and to decline."""
    return [form_of(desk, kind).body["actionUrl"] for kind in ("Approve", "Decline")]


def decide(desk, kind, agent="bob", note=""):
    """Open the form of a decision and submit it; the answer, and the `actionUrl`."""
    form = form_of(desk, kind, agent)
    assert form.status == 200, form.body
    url = form.body["actionUrl"]
    return desk.send("POST", url, {"note": note}, headers=of(agent)), url


def refusal(answer):
    """Status and code of an error."""
    return answer.status, answer.body["errors"][0]["code"]
