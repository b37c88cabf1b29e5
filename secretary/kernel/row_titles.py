"""Call a row that has no name of its own by what it is and its number: the titles and paths of pages show it."""

from django.db.models import Model


def row_title(row: Model) -> str:
    """Return "notice 4711", in the reader's language."""
    return f"{row._meta.verbose_name} {row.pk}"
