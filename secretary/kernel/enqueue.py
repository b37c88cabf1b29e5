"""Enqueue a task. A message that cannot be sent is no loss: the sweeper finds the work within 15 s."""

import logging

from celery import current_app

logger = logging.getLogger(__name__)


def enqueue(task: str, *, most_waiting: int | None = None, **arguments: int) -> None:
    """Send a task by name with ids only, never with data of people. Other apps name theirs in full: `payments.ask`.

    `most_waiting`: not where so many messages wait in the task's queue already.
    """
    name = task if "." in task else f"notifications.{task}"
    try:
        if most_waiting is None or _waiting(name) < most_waiting:
            current_app.send_task(name, kwargs=arguments)
    except Exception as error:
        # No failure of the broker may stop a request or the thread that stores receipts.
        logger.warning("%s was not enqueued (%s): the sweeper will find the work", task, type(error).__name__)


def _waiting(name: str) -> int:
    """Return how many messages wait in the queue of a task."""
    with current_app.pool.acquire(block=True) as connection:
        queue = current_app.amqp.router.route({}, name)["queue"]
        return int(connection.default_channel.queue_declare(queue=queue.name).message_count)
