"""What operators ask: the totals, one event's fate, and a recount that trusts nothing held in memory."""
