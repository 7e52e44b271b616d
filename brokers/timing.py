"""How soon a client of ours notices that a broker, a leader or a member of its group is gone."""

from typing import Final

# 6 s without a heartbeat, the least that brokers allow by default (group.min.session.timeout.ms), and a member is dead:
# its partitions go to others within ten. A heartbeat every second leaves room for five that are lost.
SESSION_SECONDS: Final = 6.0
HEARTBEAT_SECONDS: Final = 1.0
# 4 s for an answer and 2 s for the age of metadata: with aiokafka's defaults (40 s, 5 min) a leader cut off from its
# peers, but not from us, cost two minutes. Less than a session, so that a heartbeat on a dead connection is given up,
# and sent on a new one, before the member counts as dead. To join a group may take longer, until the session of a dead
# member has ended: then it is asked again, under the same member id.
REQUEST_MILLISECONDS: Final = 4_000
METADATA_MILLISECONDS: Final = 2_000
