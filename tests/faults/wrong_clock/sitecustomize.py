"""With this folder on PYTHONPATH a process has a clock that is CLOCK_OFF seconds off, from its first line on."""

import os
from datetime import UTC, datetime, timedelta

import time_machine

time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(os.environ["CLOCK_OFF"])), tick=True).start()
