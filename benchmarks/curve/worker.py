"""`python -m benchmarks.curve.worker RECORDS`: `onboarding consume` with another limit of a batch than its own."""

import sys

from consumers import feed
from onboarding.cli.main import main

if __name__ == "__main__":
    vars(feed)["BATCH_RECORDS_MAX"] = int(sys.argv[1])
    main(["consume"], prog_name="onboarding")
