// Counts down beside the time by which a code must be entered. The page says the time itself; without this file nothing
// is missing. Screen readers hear of it twice: with half a minute left, and at the end.
(function () {
  "use strict";
  const shown = document.getElementById("time-left");
  const spoken = document.getElementById("time-status");
  if (!shown || !spoken) return;
  const end = Date.now() + Number(shown.dataset.seconds) * 1000;
  const ANNOUNCED_AT = 30;
  let announced = false;

  function words(left) {
    return shown.dataset.left.replace("{minutes}", Math.floor(left / 60)).replace("{seconds}", left % 60);
  }

  function show() {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    shown.textContent = left ? words(left) : shown.dataset.over;
    if (!left) {
      spoken.textContent = shown.dataset.over;
      shown.classList.remove("nowrap");
      window.clearInterval(ticking);
    } else if (left <= ANNOUNCED_AT && !announced) {
      spoken.textContent = words(left);
      announced = true;
    }
  }

  const ticking = window.setInterval(show, 1000);
  show();
})();
