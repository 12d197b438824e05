/* The pad of digits on the page that asks for a device's PIN. Typing on a keyboard works all the same. */
(() => {
  "use strict";
  const form = document.querySelector("form.pin");
  const field = form?.querySelector(".digits");
  if (!field) return;
  if (window.matchMedia("(pointer: coarse)").matches) field.inputMode = "none";   // the pad is there already

  function take(value) {
    field.value = value.slice(0, field.maxLength);
    if (field.value.length === field.maxLength) form.requestSubmit();
  }

  form.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]");
    if (!key) return;
    if (key.dataset.digit) take(field.value + key.dataset.digit);
    else field.value = field.value.slice(0, -1);
  });
  field.addEventListener("input", () => take(field.value.normalize("NFKC").replace(/\D/g, "")));
})();
