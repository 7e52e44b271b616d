"""The totals and the days they spread over, as they are shown and as they are counted."""
