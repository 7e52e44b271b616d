"""Faust agents that keep the running totals from the pages that the consumers announce."""
