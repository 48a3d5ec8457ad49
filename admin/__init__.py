"""Commands for the admin of a stack: list open operations, and erase a customer's records."""
