"""Classes of customers, as contracts, tariffs and programs name them."""

CUSTOMER_TYPES = ("residential", "small_business")
