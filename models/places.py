"""Provinces and centrally-run cities by General Statistics Office code, with the days on which each existed.

Until 30 June 2025 there are 63, from 1 July 2025 there are 34 (Resolution 202/2025/QH15; codes by Decision
19/2025/QD-TTg). A merged province took over the code of one of its parts, so a code alone does not name a place:
the place of a merged province is its code with the year of the merger ("24-2025"). Eleven provinces did not change.
"""

from datetime import date
from typing import Final

MERGED_ON: Final = date(2025, 7, 1)

# Code -> (name of June 2024, code of the province it belongs to from 1 July 2025).
_PROVINCES_2024: Final[dict[str, tuple[str, str]]] = {
    "01": ("Hà Nội", "01"),
    "02": ("Hà Giang", "08"),
    "04": ("Cao Bằng", "04"),
    "06": ("Bắc Kạn", "19"),
    "08": ("Tuyên Quang", "08"),
    "10": ("Lào Cai", "15"),
    "11": ("Điện Biên", "11"),
    "12": ("Lai Châu", "12"),
    "14": ("Sơn La", "14"),
    "15": ("Yên Bái", "15"),
    "17": ("Hòa Bình", "25"),
    "19": ("Thái Nguyên", "19"),
    "20": ("Lạng Sơn", "20"),
    "22": ("Quảng Ninh", "22"),
    "24": ("Bắc Giang", "24"),
    "25": ("Phú Thọ", "25"),
    "26": ("Vĩnh Phúc", "25"),
    "27": ("Bắc Ninh", "24"),
    "30": ("Hải Dương", "31"),
    "31": ("Hải Phòng", "31"),
    "33": ("Hưng Yên", "33"),
    "34": ("Thái Bình", "33"),
    "35": ("Hà Nam", "37"),
    "36": ("Nam Định", "37"),
    "37": ("Ninh Bình", "37"),
    "38": ("Thanh Hóa", "38"),
    "40": ("Nghệ An", "40"),
    "42": ("Hà Tĩnh", "42"),
    "44": ("Quảng Bình", "44"),
    "45": ("Quảng Trị", "44"),
    "46": ("Thừa Thiên Huế", "46"),
    "48": ("Đà Nẵng", "48"),
    "49": ("Quảng Nam", "48"),
    "51": ("Quảng Ngãi", "51"),
    "52": ("Bình Định", "52"),
    "54": ("Phú Yên", "66"),
    "56": ("Khánh Hòa", "56"),
    "58": ("Ninh Thuận", "56"),
    "60": ("Bình Thuận", "68"),
    "62": ("Kon Tum", "51"),
    "64": ("Gia Lai", "52"),
    "66": ("Đắk Lắk", "66"),
    "67": ("Đắk Nông", "68"),
    "68": ("Lâm Đồng", "68"),
    "70": ("Bình Phước", "75"),
    "72": ("Tây Ninh", "80"),
    "74": ("Bình Dương", "79"),
    "75": ("Đồng Nai", "75"),
    "77": ("Bà Rịa - Vũng Tàu", "79"),
    "79": ("Thành phố Hồ Chí Minh", "79"),
    "80": ("Long An", "80"),
    "82": ("Tiền Giang", "82"),
    "83": ("Bến Tre", "86"),
    "84": ("Trà Vinh", "86"),
    "86": ("Vĩnh Long", "86"),
    "87": ("Đồng Tháp", "82"),
    "89": ("An Giang", "91"),
    "91": ("Kiên Giang", "91"),
    "92": ("Cần Thơ", "92"),
    "93": ("Hậu Giang", "92"),
    "94": ("Sóc Trăng", "92"),
    "95": ("Bạc Liêu", "96"),
    "96": ("Cà Mau", "96"),
}

# The names of the 23 merged provinces, by the code they took over.
_MERGED_NAMES: Final[dict[str, str]] = {
    "08": "Tuyên Quang",
    "15": "Lào Cai",
    "19": "Thái Nguyên",
    "24": "Bắc Ninh",
    "25": "Phú Thọ",
    "31": "Hải Phòng",
    "33": "Hưng Yên",
    "37": "Ninh Bình",
    "44": "Quảng Trị",
    "48": "Đà Nẵng",
    "51": "Quảng Ngãi",
    "52": "Gia Lai",
    "56": "Khánh Hòa",
    "66": "Đắk Lắk",
    "68": "Lâm Đồng",
    "75": "Đồng Nai",
    "79": "Thành phố Hồ Chí Minh",
    "80": "Tây Ninh",
    "82": "Đồng Tháp",
    "86": "Vĩnh Long",
    "91": "An Giang",
    "92": "Cần Thơ",
    "96": "Cà Mau",
}

PROVINCE_CODES: Final = tuple(_PROVINCES_2024)

_UNCHANGED: Final = frozenset(
    code for code, (_, successor) in _PROVINCES_2024.items() if code == successor and code not in _MERGED_NAMES
)


def place_at(code: str, day: date) -> str | None:
    """Return the place that a province code names on a day, or None when no province had that code then.

    The place is the value that is counted and shown: "24" (Bắc Giang) or "24-2025" (the merged Bắc Ninh).
    """
    if code in _UNCHANGED or day < MERGED_ON:
        return code if code in _PROVINCES_2024 else None
    return f"{code}-2025" if code in _MERGED_NAMES else None


def place_today(place: str) -> str:
    """Return the place that a place of any date belongs to since 1 July 2025."""
    successor = place.removesuffix("-2025") if place.endswith("-2025") else _PROVINCES_2024[place][1]
    return f"{successor}-2025" if successor in _MERGED_NAMES else successor


PLACES: Final[dict[str, str]] = {code: name for code, (name, _) in _PROVINCES_2024.items()} | {
    f"{code}-2025": name for code, name in _MERGED_NAMES.items()
}
