"""Runs a process of ours to a crash point, by hand: `python -m tests.crashes POINT TOPIC PARTITION DAY FACTS`.

The settings are those of the ordinary command. TOPIC, PARTITION and DAY say which fact is the late one, FACTS how many
the partition has with it. Without arguments it lists the points.
"""

import sys

from tests.crashes.hand import Late
from tests.crashes.launcher import POINTS, run_to_point

if sys.argv[1:]:
    name, topic, partition, day, facts = sys.argv[1:]
    run_to_point(name, Late(topic, int(partition), day, int(facts)), ())
else:
    sys.stdout.writelines(f"{point.role:8} {point.name}\n" for point in POINTS.values())
