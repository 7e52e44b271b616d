"""Why a record was refused, in words for the sender; the English ones are those of the reference."""

from typing import Final

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_TIME
from models.limits import NESTING_MAX, RECORD_BYTES_MAX, UUID_LENGTH
from models.outcomes import EXPLANATIONS, Reason
from onboarding.documents.boards.words import Text

_VIETNAMESE: Final = {
    Reason.TOMBSTONE: "giá trị là null; hãy gửi sự kiện, dữ liệu không bao giờ được xóa bằng bản ghi rỗng",
    Reason.EMPTY_VALUE: "giá trị không có byte nào; hãy gửi một CloudEvent",
    Reason.TOO_LARGE: f"giá trị và header cộng lại vượt quá {RECORD_BYTES_MAX // 1024} KiB",
    Reason.VALUE_COMPRESSED: "giá trị đã nén sẵn: hãy gửi JSON và để producer nén theo lô",
    Reason.VALUE_UTF16: "giá trị là UTF-16: hãy ghi bằng UTF-8",
    Reason.SCHEMA_REGISTRY_PREFIX: "giá trị bắt đầu bằng byte 0 và mã của Schema Registry: hãy chỉ gửi JSON",
    Reason.NOT_UTF8: "giá trị hoặc header thuộc tính không phải UTF-8",
    Reason.CONTENT_TYPE_UNKNOWN: "dùng application/cloudevents+json, hoặc application/json kèm các header ce_",
    Reason.NESTED_TOO_DEEP: f"JSON lồng nhau quá {NESTING_MAX} cấp",
    Reason.FORBIDDEN_CHARACTER: "văn bản chứa ký tự NUL hoặc ký tự thay thế (surrogate) đơn lẻ",
    Reason.NOT_A_NUMBER: "JSON chứa NaN hoặc Infinity, là giá trị không có trong JSON",
    Reason.NOT_JSON: "giá trị không phải JSON",
    Reason.NOT_AN_OBJECT: "JSON không phải là một đối tượng",
    Reason.PERSONAL_DATA_IN_CLEAR: "có trường giống số định danh cá nhân; phần được lưu đã che số này",
    Reason.SPECVERSION_WRONG: 'specversion phải là "1.0"',
    Reason.TYPE_UNKNOWN: "thiếu type, hoặc type không thuộc sự kiện nào đã quy định",
    Reason.TYPE_ON_WRONG_TOPIC: "type này thuộc chủ đề khác",
    Reason.ID_MISSING: "thiếu id",
    Reason.ID_TOO_LONG: f"id dài hơn {UUID_LENGTH} ký tự của một UUID",
    Reason.ID_NOT_UUID: "id phải là UUID viết có gạch nối",
    Reason.SOURCE_UNKNOWN: "thiếu source, hoặc source không phải hệ thống nguồn đã đăng ký",
    Reason.SUBJECT_INVALID: "subject phải là 64 chữ số thập lục phân viết thường: bí danh có khóa của công dân",
    Reason.TIME_WITHOUT_OFFSET: "time thiếu độ lệch so với UTC; hãy ghi Z hoặc +07:00",
    Reason.TIME_INVALID: "thiếu time, hoặc time không phải ngày giờ theo RFC 3339",
    Reason.DATA_INVALID: "thiếu data, data không phải đối tượng, hoặc có trường sai định dạng",
    Reason.BUSINESS_KEY_INVALID: "khóa nghiệp vụ trong data phải là UUID viết có gạch nối",
    Reason.PROVINCE_UNKNOWN: "data.province không phải mã hai chữ số của Tổng cục Thống kê",
    Reason.LEVEL_UNKNOWN: "data.level phải là số 1 hoặc 2",
    Reason.CHANNEL_UNKNOWN: "data.channel không phải kênh thu nhận đã quy định",
    Reason.PORTAL_UNKNOWN: "data.portal không phải cổng, ứng dụng đã quy định",
    Reason.KEY_MISSING: "bản ghi không có khóa; khóa chính là subject",
    Reason.KEY_NOT_SUBJECT: "khóa của bản ghi khác subject của sự kiện",
    Reason.TIME_IN_FUTURE: f"time muộn hơn thời điểm Kafka tiếp nhận quá {CLOCK_AHEAD_MAX.seconds // 60} phút",
    Reason.TIME_TOO_EARLY: f"time trước ngày {EARLIEST_TIME:%d/%m/%Y}",
    Reason.PROVINCE_NOT_IN_FORCE: "tỉnh, thành phố của mã đó chưa có hoặc không còn tại thời điểm phát sinh",
    Reason.PROGRAM_FAULT: "chương trình của hệ thống gặp lỗi khi đọc bản ghi này; xử lý lại sau khi đã sửa",
    Reason.SET_ASIDE: "người vận hành đã gác bản ghi này lại vì chương trình dừng khi đọc nó; xử lý lại sau khi đã sửa",
}


def explanations() -> dict[str, Text]:
    """Return what each reason means; one without Vietnamese words is an error, so that none is forgotten."""
    return {reason: Text(text, _VIETNAMESE[reason]) for reason, text in EXPLANATIONS.items()}
