"""Map the carriers' results of a text message to verdicts: the table of the relays' common module (EMMA v3).

NHN Cloud and NAVER Cloud SENS hand the same numbers on. Sources: docs.nhncloud.com, Notification > SMS > Result Codes
(received result codes); api.ncloud-docs.com/docs/sens-sms-get (IB G/W report and response codes, IB EMMA codes).
"""

from collections.abc import Mapping

from notifications.channels.contract import Verdict

# About the text of one record (contract.py: value_codes): filtered for its content, or a sign that no carrier takes.
VALUES = frozenset(("1004", "1020", "3009", "3012", "3022", "S003"))

CODES: Mapping[str, Verdict] = {
    "0": Verdict.DELIVERED,  # as SENS reports it
    "1000": Verdict.DELIVERED,  # as NHN reports it
    "1001": Verdict.RETRY_LATER,  # server busy
    "1002": Verdict.UNDELIVERABLE,  # recipient number
    "1003": Verdict.RETRY_LATER,  # sender number: our own configuration error
    "1004": Verdict.UNDELIVERABLE,  # spam
    "1005": Verdict.RETRY_LATER,  # the account's limit
    "1018": Verdict.RETRY_LATER,  # the account may not send
    "1019": Verdict.UNDELIVERABLE,  # its time to live was over
    "1020": Verdict.UNDELIVERABLE,  # character set
    "2000": Verdict.UNKNOWN,  # no answer in time: may have arrived
    "2001": Verdict.UNDELIVERABLE,  # radio network
    "2002": Verdict.UNDELIVERABLE,  # from the radio network to the phone
    "2003": Verdict.UNDELIVERABLE,  # switched off
    "2004": Verdict.UNDELIVERABLE,  # the phone's store is full
    "2005": Verdict.UNDELIVERABLE,  # out of coverage
    "2006": Verdict.UNDELIVERABLE,  # deleted
    "2007": Verdict.UNDELIVERABLE,  # the phone, for a time
    "3000": Verdict.UNDELIVERABLE,  # cannot be sent
    "3001": Verdict.UNDELIVERABLE,  # not a subscriber
    "3003": Verdict.UNDELIVERABLE,  # number
    "3004": Verdict.UNDELIVERABLE,  # service suspended
    "3005": Verdict.UNDELIVERABLE,  # in a call
    "3006": Verdict.UNDELIVERABLE,  # refused by the recipient
    "3008": Verdict.UNDELIVERABLE,  # the phone, otherwise
    "3009": Verdict.UNDELIVERABLE,  # form of the message
    "3010": Verdict.UNDELIVERABLE,  # a phone without long messages
    "3011": Verdict.RETRY_LATER,  # server error
    "3012": Verdict.UNDELIVERABLE,  # spam
    "3013": Verdict.UNDELIVERABLE,  # service refused
    "3014": Verdict.UNDELIVERABLE,  # other
    "3015": Verdict.UNDELIVERABLE,  # no route
    "3017": Verdict.RETRY_LATER,  # sender number against the rules: our own configuration error
    "3018": Verdict.RETRY_LATER,  # sender number protected by its owner: the same
    "3019": Verdict.RETRY_LATER,  # sender number blocked by the authorities: the same
    "3022": Verdict.UNDELIVERABLE,  # character set
    "3023": Verdict.RETRY_LATER,  # sender number not registered: our own configuration error
    "E915": Verdict.UNKNOWN,  # a duplicate: the first may have been sent
    "E916": Verdict.UNDELIVERABLE,  # number blocked
    "E917": Verdict.UNDELIVERABLE,  # the same
    "E919": Verdict.RETRY_LATER,  # outside the allowed hours
    "S000": Verdict.RETRY_LATER,  # the relay refused: its own error
    "S001": Verdict.RETRY_LATER,
    "S003": Verdict.UNDELIVERABLE,  # spam
    "S004": Verdict.RETRY_LATER,  # quota
    "S012": Verdict.RETRY_LATER,  # sender number against the rules
    "S998": Verdict.UNKNOWN,  # unexpected error
}
