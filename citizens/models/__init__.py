"""The tables that only the citizens' site needs."""

from citizens.models.data_export import DataExport
from citizens.models.erasure import Erasure
from citizens.models.read_notice import ReadNotice
from citizens.models.record_walk import RecordWalk

__all__ = ["DataExport", "Erasure", "ReadNotice", "RecordWalk"]
