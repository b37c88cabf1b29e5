"""A worker that is killed between the provider's taking the money and our commit. Run as a process of its own.

    python -m tests.payments.checkout.killed_worker ORDER_ID BROUGHT TAKEN_FILE

BROUGHT is what the browser brings back from the provider's page, as JSON; TAKEN_FILE stands for the provider's own
"""

import json
import os
import signal
import sys
from pathlib import Path

import django


def main(order_id: str, brought: dict[str, str], captured: Path) -> None:
    django.setup()
    from payments import adapters
    from payments.checkout.pay_bill import confirm_payment
    from payments.models import Payment
    from payments.providers.contract import Order, Outcome, Returned
    from tests.notifications.cast import MORNING
    from tests.payments.bank import Bank, Biller

    class Deadly(Bank):
        def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
            captured.write_text(str(order.amount))
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("unreachable after SIGKILL")

    bank, biller = Deadly(), Biller()
    adapters.provider = lambda _: bank  # type: ignore[assignment,return-value]
    adapters.biller = lambda _: biller  # type: ignore[assignment,return-value]
    payment = Payment.objects.get(order_id=order_id)
    confirm_payment(citizen=payment.bill.citizen, order_id=order_id, query=brought, now=MORNING)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]))
