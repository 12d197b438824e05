/* A code that changes while it is looked at: counts down, asks for the next one, and says when there is no signal.
   Nothing is asked while nobody looks; the screen stays on meanwhile where the browser can. */
(() => {
  "use strict";
  const GRACE = 5, AGAIN = 3;   // seconds: until it is called stale, and between two tries
  const ends = new WeakMap();
  let asked = 0, awake = null;

  function beat() {
    const code = document.getElementById("code");
    if (!code) { location.reload(); return; }   // another page came instead: the PIN, or signing in
    if (!code.dataset.seconds) return;
    if (!ends.has(code)) ends.set(code, Date.now() + Number(code.dataset.seconds) * 1000);
    const left = (ends.get(code) - Date.now()) / 1000;
    code.querySelector(".life").value = Math.max(0, left);
    code.classList.toggle("is-stale", left < -GRACE);
    if (left > 0 || document.hidden || Date.now() - asked < AGAIN * 1000) return;
    asked = Date.now();
    htmx.trigger(code, "renew");
  }

  async function stayAwake() {
    if (document.hidden || !navigator.wakeLock) return;
    try { awake = await navigator.wakeLock.request("screen"); } catch { awake = null; }   // a low battery forbids it
  }

  document.addEventListener("DOMContentLoaded", () => { beat(); setInterval(beat, 500); stayAwake(); });
  document.addEventListener("visibilitychange", () => { beat(); stayAwake(); });
})();
