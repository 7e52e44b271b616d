"""A stream worker in a consumer group of its own: nobody tells it that another one is active."""

import asyncio

from onboarding.cli.total import worker_settings
from onboarding.settings import read_settings
from streams import topology
from streams.process import run_worker

if __name__ == "__main__":
    vars(topology)["WORKER_GROUP"] = "onboarding-totals-of-a-stranger"
    asyncio.run(run_worker(worker_settings(read_settings())))
