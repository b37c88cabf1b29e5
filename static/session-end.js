// Two minutes before the sign-in ends, says so and counts down. The page says the end itself, and its button extends it
// without this file. Screen readers hear of it at two minutes, at half a minute, and at the end.
// For staff (data-shared) any window puts the end off for all of them; the button (data-more) does so in place.
(function () {
  "use strict";
  const bar = document.getElementById("session-end");
  const spoken = document.getElementById("session-status");
  if (!bar || !spoken) return;
  bar.classList.remove("timed");  // what the style sheet does where there is no script
  bar.querySelectorAll(".warned, .ended").forEach(function (each) { each.remove(); });
  const shown = bar.querySelector("p");
  const before = shown.textContent;
  const more = bar.querySelector("[data-more]");
  const SHARED = "session-end";
  let end = Date.now() + Number(bar.dataset.seconds) * 1000;
  const WARNED_AT = [120, 30];
  let announced = 0;

  function words(left) {
    return bar.dataset.soon.replace("{minutes}", Math.floor(left / 60)).replace("{seconds}", left % 60);
  }

  function show() {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left > WARNED_AT[0]) return;
    bar.classList.add("soon");
    shown.textContent = left ? words(left) : bar.dataset.over;
    if (!left) {
      spoken.textContent = bar.dataset.over;
      bar.classList.add("over");
      window.clearInterval(ticking);
    } else if (announced < WARNED_AT.length && left <= WARNED_AT[announced]) {
      spoken.textContent = words(left);
      announced += 1;
    }
  }

  function lasts(until, text) {
    end = until;
    announced = 0;
    bar.classList.remove("soon");
    shown.textContent = text;
    show();
  }

  function share(text) {
    window.localStorage.setItem(SHARED, JSON.stringify({ end: end, text: text }));
  }

  function extend(event) {
    event.preventDefault();
    window.fetch(more.href, { credentials: "same-origin", redirect: "error" }).then(function (answer) {
      const seconds = Number(answer.headers.get("X-Session-Seconds"));
      if (!answer.ok || !seconds) throw new Error("no longer signed in");
      return answer.text().then(function (page) {
        const text = new DOMParser().parseFromString(page, "text/html").querySelector("[data-until]").textContent;
        lasts(Date.now() + seconds * 1000, text);
        share(text);
      });
    }).catch(function () { window.open(more.href, "_blank"); });
  }

  if (more) more.addEventListener("click", extend);
  if (bar.dataset.shared) {
    share(before);
    window.addEventListener("storage", function (event) {
      const other = event.key === SHARED && event.newValue ? JSON.parse(event.newValue) : { end: 0 };
      if (other.end > end) lasts(other.end, other.text);
    });
  }
  const ticking = window.setInterval(show, 1000);
  show();
})();
