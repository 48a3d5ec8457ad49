"""GET /stores/{store}/timeline: what was done for a customer, on an order, or in a conversation, newest first."""

from orderdesk import api, config, timeline
from orderdesk.context import Context
from orderdesk.errors import BadInput
from orderdesk.operations.model import Reply


def entries(request: api.Request) -> Reply:
    """`{entries, cursor}`, without `cursor` on the last page."""
    ctx = api.enter(request, config.CALLERS)
    page = timeline.read(ctx.store, *_wanted(ctx), limit=_limit(ctx), cursor=ctx.query.get("cursor"))
    return api.ok({"entries": page.entries} | ({"cursor": page.cursor} if page.cursor else {}))


def _wanted(ctx: Context) -> tuple[str, str]:
    """Exactly one of customer, order and conversation."""
    by = [name for name in ("customer", "order", "conversation") if ctx.query.get(name)]
    if len(by) != 1:
        raise BadInput("Give exactly one of customer, order or conversation.")
    if by[0] == "conversation":
        conversation = api.conversation_id(ctx.query["conversation"])
        if not conversation:
            raise BadInput("The conversation isn't a valid ID.", attr="conversation")
        return "conversation", conversation
    return (by[0], ctx.customer()) if by[0] == "customer" else (by[0], ctx.order())


def _limit(ctx: Context) -> int:
    text = ctx.query.get("limit", "25")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= timeline.LIMIT_AT_MOST:
        raise BadInput(f"limit must be a number from 1 to {timeline.LIMIT_AT_MOST}.", attr="limit")
    return int(text)


endpoint = api.Endpoint("/timeline", get=entries)
lambda_handler = api.handler(endpoint)
