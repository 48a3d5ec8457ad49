"""What an admin does with the stack's own records: see what is open, and erase a customer's."""
