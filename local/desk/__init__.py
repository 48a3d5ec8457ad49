"""The agent desk: a page that plays the helpdesk in front of a deployed Orderdesk, and the small server behind it.

The page draws what Orderdesk replies and nothing else. The server signs each request as Gladly does, so that no key
ever reaches the browser, and keeps a record of what was asked and answered.
"""
