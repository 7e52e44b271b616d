"""Tests of the ledger: how its server is found, what is kept, and its migrations."""
