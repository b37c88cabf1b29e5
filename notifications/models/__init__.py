from .alarm import Alarm
from .channel_state import ChannelState, WordingComplaint, WordingStop, WordingTrouble
from .declared_holiday import DeclaredHoliday
from .delivery import Delivery
from .due import Due
from .feed import AgencyKey, Feed, PushMessage
from .feed_run import FeedRun, IngestBatch, RefusedLine
from .notice import Notice
from .receipt_event import ReceiptEvent
from .record import Record
from .serial_pattern import SerialPattern

__all__ = [
    "AgencyKey",
    "Alarm",
    "ChannelState",
    "DeclaredHoliday",
    "Delivery",
    "Due",
    "Feed",
    "FeedRun",
    "IngestBatch",
    "Notice",
    "PushMessage",
    "ReceiptEvent",
    "Record",
    "RefusedLine",
    "SerialPattern",
    "WordingComplaint",
    "WordingStop",
    "WordingTrouble",
]
