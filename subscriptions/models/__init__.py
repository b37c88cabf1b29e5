from .agency import Agency
from .attempt import Attempt
from .bulk import BulkChunk, BulkRefusal, BulkUpload
from .channel_choice import ChannelChoice
from .citizen import Citizen, CitizenKey, NameKeyMove
from .consent import Consent, ConsentText
from .contact import Contact
from .data_type import DataType, DataTypeVersion
from .family import FamilyMember, FamilyNumber, FamilyText
from .phone_code import PhoneCode
from .receipt_number import ReceiptNumber
from .staff import (
    AccountChange,
    AgencyStaff,
    Authenticator,
    GivenPassword,
    Invitation,
    Office,
    Official,
    RecoveryCode,
    StaffSession,
)
from .stage import MessageTemplate, Stage, TemplateVariant
from .subscription import Subscription
from .toss_link import TossLink
from .unreached import Unreached

__all__ = [
    "AccountChange",
    "Agency",
    "AgencyStaff",
    "Attempt",
    "Authenticator",
    "BulkChunk",
    "BulkRefusal",
    "BulkUpload",
    "ChannelChoice",
    "Citizen",
    "CitizenKey",
    "Consent",
    "ConsentText",
    "Contact",
    "DataType",
    "DataTypeVersion",
    "FamilyMember",
    "FamilyNumber",
    "FamilyText",
    "GivenPassword",
    "Invitation",
    "MessageTemplate",
    "NameKeyMove",
    "Office",
    "Official",
    "PhoneCode",
    "ReceiptNumber",
    "RecoveryCode",
    "StaffSession",
    "Stage",
    "Subscription",
    "TemplateVariant",
    "TossLink",
    "Unreached",
]
