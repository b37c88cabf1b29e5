// A stand-in for the vendor's payment window script (SDK v2): requestPayment() leads the browser to the sandbox's page.
(function () {
  "use strict";
  var home = new URL("/toss-payments/window", document.currentScript.src);
  window.TossPayments = function (clientKey) {
    return {
      payment: function (who) {
        return {
          requestPayment: function (wanted) {
            var values = {
              clientKey: clientKey,
              customerKey: who.customerKey,
              method: wanted.method,
              currency: wanted.amount.currency,
              value: wanted.amount.value,
              orderId: wanted.orderId,
              orderName: wanted.orderName,
              successUrl: wanted.successUrl,
              failUrl: wanted.failUrl,
            };
            home.search = new URLSearchParams(values).toString();
            window.location.assign(home);
            return new Promise(function () {});
          },
        };
      },
    };
  };
})();
