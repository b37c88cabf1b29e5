"""Map the codes by which NHN Cloud SMS answers to verdicts. The carriers' results of a message: carriers.py.

Source: docs.nhncloud.com, Notification > SMS > Result Codes (API result codes; message status of API v3.0 and webhook).
"""

from collections.abc import Mapping

from notifications.channels.codes import carriers
from notifications.channels.contract import Verdict

# About the text of one record (contract.py: value_codes): too long, a sign outside EUC-KR.
VALUES = frozenset(("-2015", "-2023")) | carriers.VALUES

# In the answer to a send: nothing was sent for any code but 0.
API: Mapping[str, Verdict] = {
    "0": Verdict.ACCEPTED,
    "-2014": Verdict.TEMPLATE_REJECTED,  # no title or no text
    "-2015": Verdict.UNDELIVERABLE,  # title or text too long
    "-2018": Verdict.UNDELIVERABLE,  # no recipient number
    "-2019": Verdict.UNDELIVERABLE,  # recipient number
    "-2023": Verdict.UNDELIVERABLE,  # a sign that is not accepted
    "-2024": Verdict.UNDELIVERABLE,  # a long message to another country
    "-2044": Verdict.UNDELIVERABLE,  # country
    "-2045": Verdict.UNDELIVERABLE,  # other countries are blocked for us
    "-2046": Verdict.UNDELIVERABLE,  # this country is
    "-6001": Verdict.UNDELIVERABLE,  # the number has opted out
}
API_DEFAULT = Verdict.RETRY_LATER  # unlisted (app key, sender number, limits): refused, nothing sent

# `messageStatus` of a webhook and `msgStatus` of the list, where no code of a carrier stands beside it.
STATUSES: Mapping[str, Verdict] = {
    "COMPLETED": Verdict.DELIVERED,
    "FAILED": Verdict.UNDELIVERABLE,
    "CANCEL": Verdict.RETRY_LATER,
    "DUPLICATED": Verdict.UNKNOWN,  # the first may have been sent
    "FAILED_AD": Verdict.UNDELIVERABLE,
    "0": Verdict.UNDELIVERABLE,
    "1": Verdict.ACCEPTED,
    "2": Verdict.ACCEPTED,
    "3": Verdict.DELIVERED,
    "4": Verdict.RETRY_LATER,
    "5": Verdict.UNKNOWN,
    "6": Verdict.UNDELIVERABLE,
    "7": Verdict.ACCEPTED,
}
DONE = ("COMPLETED", "FAILED", "0", "3")  # a carrier's code counts


def reported(status: str, code: str) -> Verdict:
    """Return the verdict of a message's status and, where it is through, of its carrier's code."""
    known = carriers.CODES.get(code) if status in DONE else None
    return known or STATUSES.get(status, Verdict.UNKNOWN)
