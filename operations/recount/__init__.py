"""The ledger counted again, trusting nothing that fills it, and where everything else differs from it."""
