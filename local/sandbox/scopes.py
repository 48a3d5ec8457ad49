"""Access scopes: what an app was granted, and what a field needs.

`write_x` includes `read_x`. A field that is not allowed is null, next to an error in the words of a real store.
"""

from graphql import GraphQLError

from .written import written

GRANTED = frozenset(
    {"read_all_orders", "read_locations", "read_store_credit_accounts"}
    | {
        f"{may}_{what}"
        for may in ("read", "write")
        for what in (
            "customers",
            "discounts",
            "merchant_managed_fulfillment_orders",
            "orders",
            "products",
            "store_credit_account_transactions",
            "third_party_fulfillment_orders",
        )
    }
)
"""An app's default scopes."""

_NAMED = """
    analytics app_proxy apps assigned_fulfillment_orders audit_events cart_transforms channels checkouts content
    customer_data_erasure customer_events customer_merge customer_payment_methods customer_privacy customers
    delivery_customizations discounts discovery draft_orders files financial_kyc_information
    fulfillment_constraint_rules fulfillments gift_card_transactions gift_cards inventory inventory_shipments
    inventory_shipments_received_items inventory_transfers legal_policies locales locations marketing_events
    marketing_integrated_campaigns markets merchant_approval_signals merchant_managed_fulfillment_orders
    metaobject_definitions metaobjects online_store_navigation online_store_pages order_edits orders
    own_subscription_contracts packing_slip_templates payment_customizations payment_gateways payment_mandate
    payment_sessions payment_terms pixels price_rules privacy_settings product_feeds product_listings products
    publications purchase_options reports resource_feedbacks returns script_tags shipping shopify_payments_accounts
    shopify_payments_bank_accounts shopify_payments_disputes shopify_payments_payouts
    store_credit_account_transactions store_credit_accounts taxes themes third_party_fulfillment_orders translations
    users validations
"""
SUBJECTS = frozenset(_NAMED.split())
"""What a scope of Shopify is about (`read_` or `write_` before it): those that its schema names, and others that apps
ask for. Not verified to be the whole list."""

NEEDED = {
    "Customer.lastOrder": "read_orders",
    "Customer.orders": "read_orders",
    "Customer.storeCreditAccounts": "read_store_credit_accounts",
    "FulfillmentHold.heldByApp": "read_apps",
    "FulfillmentOrderAssignedLocation.location": "read_locations",
    "Mutation.customerCreate": "write_customers",
    "Mutation.customerDelete": "write_customers",
    "Mutation.customerMerge": "write_customers",
    "Mutation.customerSet": "write_customers",
    "Mutation.customerUpdate": "write_customers",
    "Mutation.discountCodeActivate": "write_discounts",
    "Mutation.discountCodeBasicCreate": "write_discounts",
    "Mutation.discountCodeBasicUpdate": "write_discounts",
    "Mutation.discountCodeDeactivate": "write_discounts",
    "Mutation.discountCodeDelete": "write_discounts",
    "Mutation.orderCancel": "write_orders",
    "Mutation.orderClose": "write_orders",
    "Mutation.orderCreate": "write_orders",
    "Mutation.orderInvoiceSend": "write_orders",
    "Mutation.orderOpen": "write_orders",
    "Mutation.orderUpdate": "write_orders",
    "Mutation.productCreate": "write_products",
    "Mutation.refundCreate": "write_orders",
    "Mutation.storeCreditAccountCredit": "write_store_credit_account_transactions",
    "Mutation.storeCreditAccountDebit": "write_store_credit_account_transactions",
    "Order.customer": "read_customers",
    "QueryRoot.codeDiscountNodeByCode": "read_discounts",
    "QueryRoot.collection": "read_products",
    "QueryRoot.collections": "read_products",
    "QueryRoot.collectionsCount": "read_products",
    "QueryRoot.customer": "read_customers",
    "QueryRoot.customerByIdentifier": "read_customers",
    "QueryRoot.customers": "read_customers",
    "QueryRoot.customersCount": "read_customers",
    "QueryRoot.discountNode": "read_discounts",
    "QueryRoot.discountNodes": "read_discounts",
    "QueryRoot.discountNodesCount": "read_discounts",
    "QueryRoot.location": "read_locations",
    "QueryRoot.locations": "read_locations",
    "QueryRoot.order": "read_orders",
    "QueryRoot.orders": "read_orders",
    "QueryRoot.ordersCount": "read_orders",
    "QueryRoot.product": "read_products",
    "QueryRoot.storeCreditAccount": "read_store_credit_accounts",
    "RefundLineItem.location": "read_locations",
}
"""The scope that a field needs, by its type and name. Recorded of `heldByApp`; not of locations and store credit."""

_FULFILLMENT_ORDERS = ("assigned", "merchant_managed", "third_party")
ANY_OF = {
    "Mutation.fulfillmentOrderHold": tuple(f"write_{x}_fulfillment_orders" for x in _FULFILLMENT_ORDERS[1:]),
    "Mutation.fulfillmentOrderReleaseHold": tuple(f"write_{x}_fulfillment_orders" for x in _FULFILLMENT_ORDERS[1:]),
    "Order.fulfillmentOrders": tuple(f"read_{x}_fulfillment_orders" for x in _FULFILLMENT_ORDERS),
    "QueryRoot.fulfillmentOrder": tuple(f"read_{x}_fulfillment_orders" for x in _FULFILLMENT_ORDERS),
    "QueryRoot.fulfillmentOrders": tuple(f"read_{x}_fulfillment_orders" for x in _FULFILLMENT_ORDERS),
}
"""The scopes of which a field needs one. Published; that a field without any is refused, and in what words, is not
recorded."""

BY_ID = {
    "Collection": "products",
    "Customer": "customers",
    "DiscountCodeNode": "discounts",
    "DiscountNode": "discounts",
    "Location": "locations",
    "Order": "orders",
    "Product": "products",
}
"""The scope that `node`, `tagsAdd` and similar fields need, by the type in a gid, after `read_` or `write_`."""

DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"


def denied(field: str, scope: str | None, granted: frozenset[str]) -> GraphQLError | None:
    """The error for a field that needs a scope; None if the app has it."""
    if scope is None or scope in granted or scope.replace("read_", "write_", 1) in granted:
        return None
    return missing(field, scope)


def none_of(kind: str, field: str, granted: frozenset[str]) -> GraphQLError | None:
    """The error for a field that needs one of several scopes; None if the app has one."""
    wanted = ANY_OF.get(f"{kind}.{field}", ())
    if not wanted or any(scope in granted or scope.replace("read_", "write_", 1) in granted for scope in wanted):
        return None
    return missing(field, *wanted)


def missing(field: str, *scopes: str) -> GraphQLError:
    """The error for a field without its scope, as recorded for a single scope."""
    named = [f"`{scope}` access scope" for scope in scopes]
    required = " or ".join(filter(None, (", ".join(named[:-1]), named[-1]))) + "."
    extensions = {"code": "ACCESS_DENIED", "documentation": DOCUMENTATION, "requiredAccess": required}
    return GraphQLError(f"Access denied for {field} field. Required access: {required}", extensions=extensions)


def read(given: object) -> frozenset[str]:
    """Scopes from JSON. Raises ValueError with the reason."""
    if not isinstance(given, list) or not all(isinstance(scope, str) for scope in given):
        raise ValueError('scopes must be a list of names, such as ["read_orders", "write_customers"]')
    for scope in given:
        may, _, subject = scope.partition("_")
        if scope not in GRANTED and (may not in ("read", "write") or subject not in SUBJECTS):
            raise ValueError(
                f"scopes must be a list of Shopify's access scopes, such as read_orders, not {written(scope)}"
            )
    return frozenset(given)


def needed(kind: str, field: str, arguments: dict[str, object]) -> str | None:
    """The scope that a field needs, with these arguments."""
    if kind in ("QueryRoot", "Mutation") and field in ("node", "tagsAdd", "tagsRemove"):
        about = BY_ID.get(str(arguments.get("id", "")).split("/")[3:4][0] if "/" in str(arguments.get("id")) else "")
        return f"{'read' if field == 'node' else 'write'}_{about}" if about else None
    return NEEDED.get(f"{kind}.{field}")
