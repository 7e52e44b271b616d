"""Processes of ours as tests start them."""
