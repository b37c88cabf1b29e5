from .data_export import DataExport

__all__ = ["DataExport"]
