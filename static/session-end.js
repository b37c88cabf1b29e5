// Two minutes before the sign-in ends, says so and counts down. The page says the end itself, and its button extends it
// without this file. Screen readers hear of it at two minutes, at half a minute, and at the end.
(function () {
  "use strict";
  const bar = document.getElementById("session-end");
  const spoken = document.getElementById("session-status");
  if (!bar || !spoken) return;
  const shown = bar.querySelector("p");
  const end = Date.now() + Number(bar.dataset.seconds) * 1000;
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

  const ticking = window.setInterval(show, 1000);
  show();
})();
