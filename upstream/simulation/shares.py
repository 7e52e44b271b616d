"""What the events of a simulated history are like: plausible shares, not published ones."""

from typing import Final

from upstream.simulation.apportionment import make_slots
from upstream.simulation.hours import make_profile

# Percent, by source and channel of intake.
INTAKES: Final = make_slots(
    {
        ("urn:vn:project06:intake-desk", "commune-desk"): 41,
        ("urn:vn:project06:intake-desk", "district-desk"): 37,
        ("urn:vn:project06:intake-desk", "provincial-desk"): 10,
        ("urn:vn:project06:mobile-intake", "mobile-team"): 12,
    }
)
LEVELS: Final = make_slots({1: 7, 2: 93})
PORTALS: Final = make_slots(
    {
        "national": 58,
        "public-security": 12,
        "social-insurance": 9,
        "taxation": 6,
        "health": 4,
        "education": 3,
        "transport": 2,
        "justice": 2,
        "labour": 2,
        "customs": 1,
        "business-registration": 1,
    }
)

# Weights of the 24 hours: desks and portals follow the office and its noon, people open the app in the evening too.
DESK_HOURS: Final = make_profile(
    (1, 1, 1, 1, 1, 2, 8, 80, 130, 135, 110, 45, 30, 90, 120, 110, 75, 30, 12, 8, 5, 3, 1, 1)
)
APP_HOURS: Final = make_profile(
    (6, 3, 2, 2, 4, 12, 25, 45, 60, 65, 62, 55, 50, 52, 58, 56, 54, 52, 58, 78, 85, 66, 34, 16)
)
PORTAL_HOURS: Final = make_profile(
    (3, 2, 1, 1, 2, 6, 18, 60, 105, 112, 98, 55, 40, 72, 95, 92, 78, 45, 30, 28, 26, 18, 9, 4)
)

# 40: the number in a desk's name, so that the free text of the contract is there.
DESKS_MAX: Final = 40
