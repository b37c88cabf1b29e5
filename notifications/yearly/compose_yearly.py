"""Compose yearly messages: the approved template, the person's name, and a check code. They are of no record."""

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import Error as DatabaseTrouble

from notifications.channels.contract import Message
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import NoTemplate, approved, compose
from notifications.delivery.fit import Unfit
from notifications.delivery.gateways import yearly_reference
from notifications.models.of_service.yearly_message import FIRST_NUMBER
from secretary.kernel.database.each import place_of

logger = logging.getLogger(__name__)
CANNOT_COMPOSE, NO_TEMPLATE = "cannot_compose", "template_missing"


def attempt_of(row: Any) -> Claimed:
    """Return the attempt of a row that begins as those of claim_yearly.sql and poll_yearly.sql do.

    Without a record: the texts name nothing of one. As a last resort: it is sent readable rather than not at all.
    """
    pk, _, channel, template_id, citizen_id, name, address, code, gateways = row[:9]
    return Claimed(
        delivery_id=pk,
        notice_id=FIRST_NUMBER + pk,
        channel=channel,
        template_id=template_id,
        citizen_id=citizen_id,
        name_encrypted=name,
        address_encrypted=address,
        payload_encrypted=None,
        told_encrypted=None,
        agency_id=0,
        external_id="",
        anchor=None,
        template_code=code,
        last_resort=True,
        gateways=gateways,
    )


def compose_yearly(
    attempts: Iterable[Claimed], *, numbers: Mapping[int, int], day: date
) -> tuple[list[tuple[Claimed, Message]], list[tuple[Claimed, str]]]:
    """Return the message of each attempt, and the attempts that cannot be composed with the reason; one statement.

    `numbers`: which attempt it is, of each message.
    """
    made: list[tuple[Claimed, Message]] = []
    failed: list[tuple[Claimed, str]] = []
    listed = list(attempts)
    contents = approved(attempt.template_id for attempt in listed) if listed else {}
    for attempt in listed:
        content, code = contents[attempt.template_id], check_code(attempt.notice_id)
        try:
            message = compose(attempt, content=content, template_code=attempt.template_code, day=day, code=code)
        except (Unfit, NoTemplate) as error:
            failed.append((attempt, error.code if isinstance(error, Unfit) else NO_TEMPLATE))
        except DatabaseTrouble:
            raise  # no fault of the message: its lease ends
        except Exception as error:
            # A person whose name cannot be read must not stop the other messages of the batch.
            logger.error("yearly message %s: %s at %s", attempt.delivery_id, type(error).__name__, place_of(error))
            failed.append((attempt, CANNOT_COMPOSE))
        else:
            number = numbers[attempt.delivery_id]
            made.append((attempt, message._replace(reference=yearly_reference(attempt.delivery_id, number))))
    return made, failed
