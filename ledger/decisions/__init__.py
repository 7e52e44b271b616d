"""Decisions: what a person says about the ledger, each one transaction with who said it and why."""
