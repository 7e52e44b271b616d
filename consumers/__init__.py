"""Records every event in the ledger, exactly once, and announces what each source partition counts."""
