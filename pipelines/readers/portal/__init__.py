"""Downloads from the customer portals of California utilities."""
