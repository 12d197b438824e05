/* A tick states when the button was pressed, by this device's clock. Set once: the same press sent again is the same. */
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const field = event.target.querySelector("input[name=device_at]");
    if (field && !field.value) field.value = new Date().toISOString();
  }, true);
})();
