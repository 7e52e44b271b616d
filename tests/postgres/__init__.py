"""Tests of how the ledger's server is found and connected to."""
