"""The ledger's server: how every process of ours reads its address and connects to it."""
