"""The tables that only the citizens' site needs."""

from citizens.models.calendar_feed import CalendarEntry, CalendarFeed
from citizens.models.data_export import DataExport
from citizens.models.erasure import Erasure
from citizens.models.office_call import OfficeCall
from citizens.models.read_notice import ReadNotice
from citizens.models.record_walk import RecordWalk

__all__ = ["CalendarEntry", "CalendarFeed", "DataExport", "Erasure", "OfficeCall", "ReadNotice", "RecordWalk"]
