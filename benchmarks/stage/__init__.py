"""Where a benchmark runs: servers, what is published to them, and ledgers that are full already."""
