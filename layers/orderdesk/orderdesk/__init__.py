"""Orderdesk: what the functions share, from the HTTP contract down to Shopify and the tables."""
