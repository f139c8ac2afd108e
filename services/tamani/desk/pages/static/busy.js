// On a slow link a page stays for seconds after a press: the button that was pressed says that it is under way, and a
// second press waits with it, unless something was changed meanwhile. The button keeps its name and value, which the
// browser reads after this.
"use strict";
(() => {
  // Milliseconds. Files are given longer, as 4 kB take a second, before the page says that it is long.
  const SOON = 1000, LONG = 20000, BYTES_EACH = 4;
  const said = document.getElementById("en-cours");
  const under = new Map();

  // The enter key presses the form's first button, which nobody sees: the one that does the same says so.
  const shown = (form, button) =>
    button?.ariaHidden
      ? [...form.elements].find((one) => !one.ariaHidden && one.name === button.name && one.value === button.value)
      : button;

  const weight = (form) =>
    [...form.querySelectorAll("input[type=file]")].flatMap((one) => [...one.files]).reduce((sum, one) => sum + one.size, 0);

  const words = (form, button) => {
    if (form.method === "get") return form.getAttribute("role") === "search" ? said.dataset.search : said.dataset.wait;
    const megabytes = weight(form) / 1e6;
    const size = megabytes.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    if (megabytes >= 0.05) return said.dataset.sized.replace("{n}", size);
    return button?.value === "publier" ? said.dataset.publish : said.dataset.wait;
  };

  const restore = (form) => {
    const { button, kept, timers } = under.get(form);
    timers.forEach(clearTimeout);
    said.textContent = "";
    form.removeAttribute("aria-busy");
    button?.removeAttribute("aria-disabled");
    button?.classList.remove("busy");
    button?.replaceChildren(...kept);
    under.delete(form);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const before = under.get(form);
    if (before && form.method !== "get" && performance.now() - before.since < LONG) event.preventDefault();
    // What brings a file leaves the page as it is.
    if (event.defaultPrevented || "download" in form.dataset) return;
    if (before) restore(form);
    const text = words(form, event.submitter);
    const button = form.method === "get" ? null : shown(form, event.submitter);
    // Reading says so only if it takes long; whoever waits in vain for either may press again.
    const say = () => (said.textContent = text);
    const again = () => {
      restore(form);
      said.textContent = said.dataset.long;
    };
    const timers = [setTimeout(say, button ? 0 : SOON), setTimeout(again, LONG + weight(form) / BYTES_EACH)];
    under.set(form, { button, kept: button ? [...button.childNodes] : [], timers, since: performance.now() });
    form.setAttribute("aria-busy", "true");
    if (!button) return;
    button.setAttribute("aria-disabled", "true");
    button.classList.add("busy");
    button.replaceChildren(text);
  });

  // Whoever stops to mend something means to press again.
  document.addEventListener("input", (event) => {
    if (under.has(event.target.form)) restore(event.target.form);
  });

  // Back on this page as it was left.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    [...under.keys()].forEach(restore);
  });
})();
