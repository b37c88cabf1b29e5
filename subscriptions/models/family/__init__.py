"""Family members whom seniors name, the text messages to them, and numbers whose owners want none."""

from .family_member import FamilyMember
from .family_number import FamilyNumber
from .family_text import FamilyText

__all__ = ["FamilyMember", "FamilyNumber", "FamilyText"]
