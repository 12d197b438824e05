// A person's page on the counter's tablet: a minute without a touch, and it is gone. The server forgets by itself; this
// clears the screen at the same time, and tells the server while somebody is still reading.
const page = document.querySelector("[data-counter]");
if (page) {
  const life = Number(page.dataset.counter) * 1000;
  let touched = Date.now(), told = Date.now();
  const leave = () => { document.body.hidden = true; location.replace(page.dataset.home); };
  const touch = () => {
    if (Date.now() - touched >= life) { leave(); return; }
    touched = Date.now();
    if (touched - told > life / 6) {
      told = touched;
      fetch(page.dataset.touch, { cache: "no-store" }).then((answer) => { if (answer.status !== 204) leave(); }, () => {});
    }
  };
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, touch, { passive: true });
  addEventListener("pageshow", (shown) => { if (shown.persisted) leave(); });
  setInterval(() => { if (Date.now() - touched >= life) leave(); }, 500);
}
