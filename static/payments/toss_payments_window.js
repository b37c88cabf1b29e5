// Opens Toss Payments' window (SDK v2) with what the page was given; docs.tosspayments.com/sdk/v2/js, requestPayment.
(function () {
  "use strict";
  const wanted = JSON.parse(document.getElementById("window-parameters").textContent);
  const { clientKey, customerKey, ...request } = wanted;

  // The script refuses with an error where no window opens; the citizen goes where the window would have sent them.
  function goBack(error) {
    const url = new URL(request.failUrl);
    url.searchParams.set("code", (error && error.code) || "WINDOW_NOT_OPENED");
    url.searchParams.set("orderId", request.orderId);
    window.location.assign(url);
  }

  async function open() {
    try {
      const payments = await window.TossPayments(clientKey);
      await payments.payment({ customerKey }).requestPayment(request);
    } catch (error) {
      goBack(error);
    }
  }

  document.getElementById("open-window").addEventListener("click", open);
  open();
})();
