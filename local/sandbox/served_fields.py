"""What the sandbox answers in addition to the product's own documents: types and fields of the published schema."""

WHOLE = frozenset(
    {
        "AccessScope",
        "AllDiscountItems",
        "AppInstallation",
        "Attribute",
        "CardPaymentDetails",
        "Collection",
        "Count",
        "Customer",
        "CustomerMergeUserError",
        "CustomerSetUserError",
        "DiscountAmount",
        "DiscountBuyerSelectionAll",
        "DiscountCodeBasic",
        "DiscountCombinesWith",
        "DiscountCustomerGets",
        "DiscountMinimumQuantity",
        "DiscountMinimumSubtotal",
        "DiscountPercentage",
        "DiscountRedeemCode",
        "DiscountUserError",
        "Duty",
        "BasicEvent",
        "Fulfillment",
        "FulfillmentHold",
        "FulfillmentLineItem",
        "FulfillmentOrder",
        "FulfillmentOrderAssignedLocation",
        "FulfillmentOrderDestination",
        "FulfillmentOrderHoldUserError",
        "FulfillmentOrderLineItem",
        "FulfillmentOrderMerchantRequest",
        "FulfillmentOrderReleaseHoldUserError",
        "FulfillmentOrderSupportedAction",
        "FulfillmentService",
        "FulfillmentTrackingInfo",
        "Image",
        "Job",
        "LineItem",
        "Location",
        "MailingAddress",
        "MoneyBag",
        "MoneyV2",
        "Order",
        "OrderAdjustment",
        "OrderCancelJobResult",
        "OrderCancelUserError",
        "OrderCancellation",
        "OrderCreateUserError",
        "OrderInvoiceSendUserError",
        "OrderTransaction",
        "PageInfo",
        "Refund",
        "RefundDuty",
        "RefundLineItem",
        "RefundShippingLine",
        "ShippingLine",
        "ShippingRefund",
        "Shop",
        "StoreCreditAccountCreditUserError",
        "StoreCreditAccountDebitUserError",
        "SuggestedOrderTransaction",
        "SuggestedRefund",
        "SuggestedStoreCreditRefund",
        "TaxLine",
        "UserError",
    }
)
"""Types with every plain field kept: scalars, enums, money, addresses, counts; not the deprecated ones."""

FIELDS = {
    "QueryRoot": """
        codeDiscountNodeByCode collection collections collectionsCount currentAppInstallation customer
        customerByIdentifier customers customersCount discountNode discountNodes discountNodesCount fulfillmentOrder
        fulfillmentOrders job location locations node nodes order orders ordersCount product shop storeCreditAccount
    """,
    "Mutation": """
        customerCreate customerDelete customerMerge customerSet customerUpdate discountCodeActivate
        discountCodeBasicCreate discountCodeBasicUpdate discountCodeDeactivate discountCodeDelete fulfillmentOrderHold
        fulfillmentOrderReleaseHold orderCancel orderClose
        orderCreate orderInvoiceSend orderOpen orderUpdate productCreate refundCreate storeCreditAccountCredit
        storeCreditAccountDebit tagsAdd tagsRemove
    """,
    "App": "id title",
    "AppInstallation": "accessScopes",
    "Customer": """
        addressesV2 defaultEmailAddress defaultPhoneNumber email lastOrder metafields orders phone storeCreditAccounts
    """,
    "CustomerEmailAddress": "emailAddress",
    "CustomerPhoneNumber": "phoneNumber",
    "CustomerCreatePayload": "customer userErrors",
    "CustomerDeletePayload": "deletedCustomerId userErrors",
    "CustomerMergePayload": "job resultingCustomerId userErrors",
    "CustomerSetPayload": "customer userErrors",
    "CustomerUpdatePayload": "customer userErrors",
    "DiscountAmount": "amount",
    "DiscountCodeActivatePayload": "codeDiscountNode userErrors",
    "DiscountCodeBasic": "codes combinesWith context customerGets minimumRequirement",
    "DiscountCodeBasicCreatePayload": "codeDiscountNode userErrors",
    "DiscountCodeBasicUpdatePayload": "codeDiscountNode userErrors",
    "DiscountCodeDeactivatePayload": "codeDiscountNode userErrors",
    "DiscountCodeDeletePayload": "deletedCodeDiscountId userErrors",
    "DiscountCodeNode": "codeDiscount id",
    "DiscountCollections": "collections",
    "DiscountCustomerGets": "items value",
    "DiscountMinimumSubtotal": "greaterThanOrEqualToSubtotal",
    "DiscountNode": "discount id",
    "Event": "action appTitle attributeToApp attributeToUser createdAt criticalAlert id message",
    "Fulfillment": "fulfillmentLineItems order trackingInfo",
    "FulfillmentHold": "heldByApp",
    "FulfillmentLineItem": "lineItem",
    "FulfillmentOrder": """
        assignedLocation destination fulfillmentHolds lineItems merchantRequests order supportedActions
    """,
    "FulfillmentOrderAssignedLocation": "location",
    "FulfillmentOrderHoldPayload": "fulfillmentHold fulfillmentOrder remainingFulfillmentOrder userErrors",
    "FulfillmentOrderLineItem": "image lineItem",
    "FulfillmentOrderReleaseHoldPayload": "fulfillmentOrder userErrors",
    "LineItem": "customAttributes duties fulfillableQuantity image product taxLines",
    "Location": "fulfillmentService",
    "Metafield": "id key namespace type value",
    "MoneyBag": "presentmentMoney shopMoney",
    "Order": """
        cancellation currentTaxLines customAttributes customer events fulfillmentOrders fulfillments lineItems metafield
        metafields refunds returns shippingLine shippingLines suggestedRefund taxLines totalCapturable transactions
    """,
    "OrderCancelJobResult": "errors order",
    "OrderCancelPayload": "job jobResult orderCancelUserErrors userErrors",
    "OrderClosePayload": "order userErrors",
    "OrderCreatePayload": "order userErrors",
    "OrderInvoiceSendPayload": "order userErrors",
    "OrderOpenPayload": "order userErrors",
    "OrderTransaction": "order parentTransaction paymentDetails",
    "OrderUpdatePayload": "order userErrors",
    "Product": "createdAt handle id legacyResourceId productType status tags title updatedAt vendor",
    "ProductCreatePayload": "product userErrors",
    "Refund": "duties order orderAdjustments refundLineItems refundShippingLines transactions",
    "RefundCreatePayload": "order refund userErrors",
    "RefundDuty": "originalDuty",
    "RefundLineItem": "lineItem location",
    "RefundShippingLine": "shippingLine",
    "Return": "id name status",
    "Shop": "plan primaryDomain",
    "ShopPlan": "partnerDevelopment publicDisplayName shopifyPlus",
    "Domain": "host id url",
    "StoreCreditAccount": "balance id owner",
    "StoreCreditAccountCreditPayload": "storeCreditAccountTransaction userErrors",
    "StoreCreditAccountCreditTransaction": "account amount balanceAfterTransaction createdAt event origin",
    "StoreCreditAccountDebitPayload": "storeCreditAccountTransaction userErrors",
    "StoreCreditAccountDebitTransaction": "account amount balanceAfterTransaction createdAt event origin",
    "SuggestedOrderTransaction": "parentTransaction paymentDetails",
    "SuggestedRefund": "refundDuties refundLineItems shipping suggestedRefundMethods suggestedTransactions",
    "SuggestedRefundMethod": "amount maximumRefundable",
    "TagsAddPayload": "node userErrors",
    "TagsRemovePayload": "node userErrors",
}
"""Fields that lead to other types, and the kept fields of types that are not complete."""

MEMBERS = frozenset(
    ["DiscountCode", "Discount", "DiscountContext", "DiscountCustomerGetsValue", "DiscountItems", "PaymentDetails"]
)
"""Unions that the kept types are members of."""
