"""The agent desk: a page that plays the helpdesk in front of a deployed Orderdesk, and its small server.

The page draws only what Orderdesk replies. The server signs each request as Gladly does, so that no key ever reaches
the browser, and keeps a record of requests and answers.
"""
