"""Enqueue a task. A message that cannot be sent is no loss: the sweeper finds the work within 15 s."""

import logging

from celery import current_app

logger = logging.getLogger(__name__)


def enqueue(task: str, **arguments: int) -> None:
    """Send a task by name with ids only, never with data of people. Other apps name theirs in full: `payments.ask`."""
    try:
        current_app.send_task(task if "." in task else f"notifications.{task}", kwargs=arguments)
    except Exception as error:
        # No failure of the broker may stop a request or the thread that stores receipts.
        logger.warning("%s was not enqueued (%s): the sweeper will find the work", task, type(error).__name__)
