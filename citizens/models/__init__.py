"""The tables that only the citizens' site needs."""

from citizens.models.data_export import DataExport
from citizens.models.read_notice import ReadNotice

__all__ = ["DataExport", "ReadNotice"]
