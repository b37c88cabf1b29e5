"""The citizens' pages about money. Addresses name a bill or an order by its number only."""

from django.urls import path

from payments.web import bills, objections, pay

app_name = "pay"
ORDER = "pay/orders/<slug:order_id>/"

urlpatterns = [
    path("pay/", bills.bills, name="bills"),
    path("pay/history/", pay.history, name="history"),
    path("pay/<int:bill_id>/", bills.bill, name="bill"),
    path("pay/<int:bill_id>/print/", bills.printed, name="print"),
    path("pay/<int:bill_id>/deadlines.ics", bills.calendar, name="calendar"),
    path("pay/<int:bill_id>/objection/", objections.objection, name="objection"),
    path("pay/<int:bill_id>/ask/", pay.poll, name="ask"),
    path("pay/<int:bill_id>/service/", pay.choose, name="choose"),
    path("pay/<int:bill_id>/check/<slug:provider>/", pay.check, name="check"),
    path(ORDER, pay.order, name="order"),
    path(f"{ORDER}back/<slug:how>/", pay.back, name="back"),
    path(f"{ORDER}receipt/", pay.receipt, name="receipt"),
    path(f"{ORDER}receipt.pdf", pay.pdf, name="pdf"),
]
