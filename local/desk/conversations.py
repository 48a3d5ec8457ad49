"""The demo's conversations: what customers of the sandbox store have written, or who has called.

They belong to the helpdesk. As in a real one, only an email address or a phone number says who the customer is.
"""

from typing import Any

DEMO: tuple[dict[str, Any], ...] = (
    {
        "id": "demo-1",
        "name": "Martha Williams",
        "emails": ["martha.williams@example.com"],
        "phones": [],
        "text": "Hi! The sneakers from my last order are too small after all. Could I get a refund, please?",
        "minutes": 4,
    },
    {
        "id": "demo-2",
        "name": "李 小龙",
        "emails": ["li.xiaolong@example.com"],
        "phones": [],
        "text": "I paid with a gift card and my Visa. Please cancel the jacket, I found one closer to home.",
        "minutes": 11,
    },
    {
        "id": "demo-3",
        "name": "+49 1511 2345678",
        "emails": [],
        "phones": ["+4915112345678"],
        "text": "Called about a tote bag that hasn't arrived. Asks for a discount code as an apology.",
        "minutes": 26,
    },
    {
        "id": "demo-4",
        "name": "+1 415 555 0123",
        "emails": [],
        "phones": ["+14155550123"],
        "text": "Called from a number that two customers share. Wants a note on the order: ring twice.",
        "minutes": 48,
    },
    {
        "id": "demo-5",
        "name": "Sam Rivera",
        "emails": ["sam.rivera@example.net"],
        "phones": [],
        "text": "I bought a tote bag without an account. My order number is 1025. Has it shipped yet?",
        "minutes": 95,
    },
    {
        "id": "demo-6",
        "name": "Priya Natarajan",
        "emails": ["priya+shop@example.com"],
        "phones": ["+16135550142"],
        "text": "I split the payment between two cards. If I send it back, which card gets the refund?",
        "minutes": 190,
    },
    {
        "id": "demo-7",
        "name": "Zoë Lefèvre",
        "emails": ["zoe.lefevre@example.com"],
        "phones": [],
        "text": "Can you mark my order as a gift? I'd like no prices in the package.",
        "minutes": 1500,
    },
)
