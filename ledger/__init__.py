"""The ledger in Postgres: the only room whose SQL writes. It counts each fact once, and keeps what a person decides."""
