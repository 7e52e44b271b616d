"""The third process: counts the ledger again on a schedule, compares what is shown, closes days, makes room."""
