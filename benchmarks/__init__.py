"""How fast the product is, measured beside a bare loop and other ways to do the same."""
