// The month's duty plan: counts, changed cells and shifts without anybody follow what is ticked.
"use strict";
document.addEventListener("change", (event) => {
  const box = event.target.closest("#duty input[name=stands]");
  if (!box) return;
  box.closest("td").classList.toggle("changed", box.checked !== box.hasAttribute("data-stood"));
  const count = document.querySelector(`[data-count="${box.dataset.of}"]`);
  count.textContent = Number(count.textContent) + (box.checked ? 1 : -1);
  const row = box.closest("[data-turn]");
  row.classList.toggle("nobody", !row.querySelector("td:not(.away) input:checked"));
});
