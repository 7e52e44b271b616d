"""Bytes of a record become a fact, or the one reason why they are none."""
