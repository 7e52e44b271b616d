"""Refused records: which there are, and what one of them is."""
