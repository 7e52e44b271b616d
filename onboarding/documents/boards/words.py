"""Texts in both languages, and how the values of dimensions are written for a reader."""

from enum import StrEnum
from typing import Final, NamedTuple, get_args

from models.catalogue import SOURCE, Kind
from models.events import Source
from models.net_figures import Net
from models.places import PLACES


class Language(StrEnum):
    """A language that every dashboard is written in."""

    ENGLISH = "en"
    VIETNAMESE = "vi"


class Text(NamedTuple):
    """What a reader sees, in each language."""

    english: str
    vietnamese: str

    def said_in(self, language: Language) -> str:
        """Return it in one language."""
        return self.english if language is Language.ENGLISH else self.vietnamese


def alike(text: str) -> Text:
    """Return what is the same in both languages: a name, or the value of a label."""
    return Text(text, text)


def title_of(counted: Kind | Net) -> Text:
    """Return the name of what is counted."""
    return Text(counted.title, counted.title_vi)


def definition_of(counted: Kind | Net) -> Text:
    """Return what is counted, exactly."""
    return Text(counted.definition, counted.definition_vi)


def dimension_of(name: str) -> Text:
    """Return the name of a dimension; one that is not known here by its own name."""
    return _DIMENSIONS.get(name, alike(name.replace("_", " ")))


def values_of(dimension: str) -> dict[str, Text]:
    """Return how the values of a dimension are written; one that is not among them is written as it is."""
    return _VALUES.get(dimension, {})


_DIMENSIONS: Final = {
    SOURCE: Text("source", "hệ thống nguồn"),
    "province": Text("province", "tỉnh, thành phố"),
    "channel": Text("channel", "kênh thu nhận"),
    "level": Text("level", "mức độ định danh"),
    "portal": Text("portal", "cổng, ứng dụng"),
    "cause": Text("cause", "lý do"),
    "state_before": Text("state before", "trạng thái trước đó"),
}

_PORTALS: Final = {
    "national": Text("National Public Service Portal", "Cổng Dịch vụ công quốc gia"),
    "public-security": Text("Public security", "Công an"),
    "social-insurance": Text("Social insurance", "Bảo hiểm xã hội"),
    "taxation": Text("Taxation", "Thuế"),
    "health": Text("Health", "Y tế"),
    "education": Text("Education", "Giáo dục"),
    "transport": Text("Transport", "Giao thông vận tải"),
    "justice": Text("Justice", "Tư pháp"),
    "labour": Text("Labour", "Lao động"),
    "customs": Text("Customs", "Hải quan"),
    "business-registration": Text("Business registration", "Đăng ký doanh nghiệp"),
}

_VALUES: Final[dict[str, dict[str, Text]]] = {
    # A merged province bears the name of one of its parts: the code tells them apart.
    "province": {place: alike(f"{name} ({place})") for place, name in PLACES.items()},
    "portal": _PORTALS,
    "channel": {
        "commune-desk": Text("Commune desk", "Bộ phận cấp xã"),
        "district-desk": Text("District desk", "Bộ phận cấp huyện"),
        "provincial-desk": Text("Provincial desk", "Bộ phận cấp tỉnh"),
        "mobile-team": Text("Mobile team", "Tổ lưu động"),
    },
    "level": {"1": Text("Level 1", "Mức độ 1"), "2": Text("Level 2", "Mức độ 2")},
    "cause": {
        "entered-twice": Text("Entered twice", "Nhập trùng"),
        "wrong-citizen": Text("Wrong citizen", "Nhầm công dân"),
        "invalid-document": Text("Invalid document", "Giấy tờ không hợp lệ"),
        "technical-error": Text("Technical error", "Lỗi kỹ thuật"),
    },
    "state_before": {
        "active": Text("Active", "Đang hoạt động"),
        "locked": Text("Locked", "Đang bị khóa"),
        "expired": Text("Expired", "Đã hết hạn"),
    },
    "duplicate": {
        "retry": Text("sent again (retry)", "gửi lại (retry)"),
        "repeat": Text("same content, new event (repeat)", "cùng nội dung, sự kiện mới (repeat)"),
        "conflict": Text("other content (conflict)", "khác nội dung (conflict)"),
    },
}

# In the order of the register.
SOURCES: Final[tuple[str, ...]] = get_args(Source)
