/* What every page does by itself: theme, forms, keys, toasts, drawer. No framework, no inline code, no style attribute.
   Loaded in <head> without defer so that the theme is set before the first paint; the rest waits for the document.
   Attributes that templates use: data-copy, data-print, data-close, data-reveal, data-dirty, data-undo, data-bulk,
   data-search, data-new, data-drawer, data-focus. Words come translated from #words in the layout. */
(() => {
  "use strict";
  const root = document.documentElement;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = (dark) => root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  theme(night.matches);
  root.classList.add("js");
  night.addEventListener("change", (change) => theme(change.matches));
  window.addEventListener("beforeprint", () => theme(false));
  window.addEventListener("afterprint", () => theme(night.matches));

  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const word = (name) => one("#words")?.dataset[name] ?? "";
  const shown = (element) => element.offsetParent !== null;

  /** Say a sentence to a screen reader without moving the focus. */
  function announce(text) {
    one("#announce").textContent = "";
    setTimeout(() => { one("#announce").textContent = text; }, 50);
  }

  /** Show a sentence that goes away by itself, for things no server was asked about. */
  function tell(text) {
    const toast = document.createElement("div");
    toast.className = "undo";
    toast.textContent = text;
    one("#toasts")?.append(toast);
    announce(text);
    setTimeout(() => toast.remove(), 8000);
  }

  // Forms: one press is one request, and the button says so at once.

  const sent = new WeakMap();

  function busy(form, button) {
    button?.setAttribute("aria-busy", "true");
    const line = one("[data-while-busy]", form);   // what takes longer says so, and that it may be left
    if (line) { line.hidden = false; announce(line.textContent); }
    sent.set(form, { button, timer: setTimeout(() => ready(form), line ? 60000 : 10000) });
  }

  function ready(form) {
    const state = sent.get(form);
    if (!state) return;
    clearTimeout(state.timer);
    state.button?.removeAttribute("aria-busy");
    one("[data-while-busy]", form)?.setAttribute("hidden", "");
    sent.delete(form);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method.toLowerCase() === "get") return;
    if (sent.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    delete form.dataset.changed;
    busy(form, event.submitter ?? one("button[type=submit], button:not([type])", form));
  }, true);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) all("form").forEach(ready);
  });

  // Opt-in: a form with data-dirty asks before its changes are lost.
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-dirty]")) form.dataset.changed = "yes";
  });
  window.addEventListener("beforeunload", (event) => {
    if (one("form[data-changed]")) event.preventDefault();
  });

  // Presses.

  const gone = (menu) => { menu.open = false; };

  async function copy(button) {
    const text = button.dataset.copy || one(button.dataset.copyFrom)?.textContent.trim() || "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");   // plain http on the office's network has no clipboard API
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      button.focus();
      if (!done) { tell(word("copyFailed")); return; }
    }
    announce(word("copied"));
    const label = one(".label", button) ?? document.createElement("span");
    const before = label.textContent;
    label.textContent = word("copied");
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    all("details.menu[open], details.rule[open]").filter((menu) => !menu.contains(event.target)).forEach(gone);
    if (at("[data-copy], [data-copy-from]")) copy(at("[data-copy], [data-copy-from]"));
    if (at("[data-print]")) window.print();
    if (at("[data-close]")) close(at("[data-close]"));
    if (at("[data-reveal]")) reveal(at("[data-reveal]"));
    if (at("[data-keys]")) help();
  });

  function close(button) {
    const dialog = button.closest("dialog");
    const details = button.closest("details");
    if (dialog) dialog.close();
    else if (details) { gone(details); one("summary", details).focus(); }
    else if (button.closest("#refusal")) refusal("");
    else button.closest(".note, .undo, .cell-why")?.remove();
  }

  function reveal(button) {
    const field = document.getElementById(button.dataset.reveal);
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  }

  // Bulk acts: the bar says how many are chosen and hides while there are none.

  function bulk() {
    all("form[data-bulk]").forEach((form) => {
      const picks = all(`input.pick[form="${form.id}"]`);
      const chosen = picks.filter((pick) => pick.checked).length;
      form.hidden = chosen === 0;
      const count = one("[data-chosen]", form);
      if (count) count.textContent = count.dataset.chosen.replace("{n}", chosen);
      const every = one(`input[data-pick-all="${form.id}"]`);
      if (every) { every.checked = chosen > 0 && chosen === picks.length; every.indeterminate = chosen > 0 && chosen < picks.length; }
    });
  }
  document.addEventListener("change", (event) => {
    const every = event.target.closest("[data-pick-all]");
    if (every) all(`input.pick[form="${every.dataset.pickAll}"]`).forEach((pick) => { pick.checked = every.checked; });
    if (event.target.matches(".pick, [data-pick-all]")) bulk();
  });

  // Undo: counts down in words and stands still while somebody is on it.

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  function countDown(toast) {
    if (toast.dataset.started) return;
    toast.dataset.started = "yes";
    let left = Math.max(10, Number(toast.dataset.undo));
    const bar = one("progress", toast);
    const timer = setInterval(() => {
      if (!toast.isConnected) { clearInterval(timer); return; }
      if (toast.matches(":hover, :focus-within") && left <= 10) return;
      left -= 1;
      one(".left", toast).textContent = clock(left);
      if (bar) bar.value = left;
      if (left <= 0) { clearInterval(timer); toast.remove(); }
    }, 1000);
  }

  // Drawer: beside the list on a desk, over the page on a small screen.

  function drawer() {
    const dialog = one("#drawer");
    if (!dialog.open) window.innerWidth < 992 ? dialog.showModal() : dialog.show();
    const title = one("h1, h2", dialog);
    title?.setAttribute("tabindex", "-1");
    title?.focus();
  }

  function refusal(html) {
    if (html === "") one("#refusal")?.replaceChildren();
    one("#refusal > #refusal-body")?.focus();
  }

  // Keys: single letters, only outside fields, and they can be switched off (WCAG 2.1.4).

  const steps = { j: 1, k: -1 };
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const keysOn = () => localStorage.getItem("fengli.keys") !== "off";

  function move(step) {
    const rows = all("tbody tr").map((row) => one("a[href], button", row)).filter((link) => link && shown(link));
    const at = rows.findIndex((link) => link.closest("tr").contains(document.activeElement));
    rows[at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
  }

  function help() {
    all("[data-key-for]", one("#keys")).forEach((entry) => { entry.hidden = !one(entry.dataset.keyFor); });
    one("#keys").showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details.menu[open], details.rule[open], details.harm[open]").forEach((menu) => { gone(menu); one("summary", menu)?.focus(); });
      const panel = one("#drawer[open]");
      if (panel && !one("dialog:modal")) panel.close();
      refusal("");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog:modal") || !one("#keys")) return;
    if (event.key === "?") help();
    else if (!keysOn()) return;
    else if (event.key === "/" && one("[data-search]")) one("[data-search]").focus();
    else if (event.key === "n" && one("[data-new]")) one("[data-new]").click();
    else if (event.key in steps) move(steps[event.key]);
    else return;
    event.preventDefault();
  });

  // What is done to a page when it arrives, and to every fragment that is swapped in.

  function arrive(within) {
    all("[data-undo]", within).forEach(countDown);
    if (within.matches?.("[data-undo]")) countDown(within);
    one("[data-focus]", within)?.focus();
    bulk();
  }

  // On a slow line somebody types before htmx listens: what he typed is said again, or the list would stay as it came.
  const asSent = (field) => field.matches("select") ? (one("option[selected]", field) ?? field.options[0])?.value : field.defaultValue;
  const changed = (field) => field.value !== asSent(field) || field.checked !== field.defaultChecked;

  function typedAlready() {
    all("[hx-trigger^=input]").forEach((asking) => {
      all("input, select, textarea", asking).find(changed)?.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    arrive(document);
    const keys = one("#keys-on");
    if (keys) keys.checked = keysOn();
    keys?.addEventListener("change", () => localStorage.setItem("fengli.keys", keys.checked ? "on" : "off"));
    document.body.addEventListener("htmx:load", typedAlready, { once: true });
    document.body.addEventListener("htmx:load", (event) => arrive(event.detail.elt));
    document.body.addEventListener("htmx:afterSwap", (event) => {
      if (event.target.id === "drawer-body") drawer();
      if (event.target.id === "refusal") refusal();
    });
    // A whole page in answer to a fragment's request (signed out meanwhile, redirected): go there instead of nesting it.
    document.body.addEventListener("htmx:beforeSwap", (event) => {
      const { xhr, requestConfig } = event.detail;
      if (xhr.status >= 400 || requestConfig.elt.closest("[hx-select]") || !/^\s*<!doctype/i.test(xhr.responseText)) return;
      event.detail.shouldSwap = false;
      location.assign(xhr.responseURL);
    });
    // A question among the refusals (the PIN) stays until it is answered: taken out of the page it could not be asked again.
    const asks = (event) => event.detail.elt.closest("#refusal") !== null;
    document.body.addEventListener("htmx:beforeRequest", (event) => { if (!asks(event)) refusal(""); });
    document.body.addEventListener("htmx:afterRequest", (event) => {
      if (asks(event) && event.detail.xhr.status < 400) refusal("");
      const form = event.detail.elt.closest("form");
      if (form) ready(form);
    });
    ["htmx:sendError", "htmx:timeout"].forEach((name) => document.body.addEventListener(name, () => tell(word("offline"))));
  });
})();
