from .alarm import Alarm, AlarmMessage
from .bundle import Bundle, BundleEntry
from .channel_state import ChannelState, ProviderState, TemplateComplaint, TemplateStop, TemplateTrouble
from .declared_holiday import DeclaredHoliday
from .delivery import Delivery, DeliveryBlock, HandedOver
from .delivery_hour import DeliveryChange, DeliveryHour
from .feed import AgencyKey, Feed, PushMessage
from .feed_run import BatchFigures, FeedRun, IngestBatch, RefusedLine
from .notice import Notice
from .of_service.trial_message import TrialMessage
from .of_service.yearly_message import YearlyMessage, YearlyRefusal, YearlyRun
from .queue_entry import QueueEntry
from .reach import ReachChange, ReachDay
from .receipt_event import ReceiptEvent
from .record import Record
from .serial_pattern import SerialPattern

__all__ = [
    "AgencyKey",
    "Alarm",
    "AlarmMessage",
    "BatchFigures",
    "Bundle",
    "BundleEntry",
    "ChannelState",
    "DeclaredHoliday",
    "Delivery",
    "DeliveryBlock",
    "DeliveryChange",
    "DeliveryHour",
    "Feed",
    "FeedRun",
    "HandedOver",
    "IngestBatch",
    "Notice",
    "ProviderState",
    "PushMessage",
    "QueueEntry",
    "ReachChange",
    "ReachDay",
    "ReceiptEvent",
    "Record",
    "RefusedLine",
    "SerialPattern",
    "TemplateComplaint",
    "TemplateStop",
    "TemplateTrouble",
    "TrialMessage",
    "YearlyMessage",
    "YearlyRefusal",
    "YearlyRun",
]
