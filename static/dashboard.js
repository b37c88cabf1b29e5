// Fetches the figures again every minute, or as the page says, while the page is in use, and puts them in place of the old ones. After ten
// minutes without any input it stops, so that an open page does not keep a sign-in alive. The page works without it.
(function () {
  "use strict";
  const EVERY = (Number(document.getElementById("live").dataset.seconds) || 60) * 1000, AT_REST = 600000;
  const wanted = document.getElementById("live-on");
  let used = Date.now();
  document.getElementById("live").hidden = false;
  ["keydown", "pointerdown", "pointermove", "scroll"].forEach(function (name) {
    document.addEventListener(name, function () { used = Date.now(); }, { passive: true });
  });

  async function update() {
    const figures = document.getElementById("figures");
    const rests = Date.now() - used > AT_REST;
    if (figures.dataset.done || !wanted.checked || document.hidden || rests || figures.contains(document.activeElement)) return;
    const answer = await fetch(window.location.href, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("figures");
    if (fresh) figures.replaceWith(fresh);
  }

  window.setInterval(function () { update().catch(function () {}); }, EVERY);
})();
