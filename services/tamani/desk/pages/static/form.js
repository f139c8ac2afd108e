// One more row in a table of a form, without asking the site: as soon as the last one is begun, or at the press of the
// button. Without this script the button asks the site for it. A file that is too large is told before it is sent.
"use strict";
(() => {
  const fresh = (row, prefix, number) => {
    const made = row.cloneNode(true);
    made.querySelector("th").textContent = number + 1;
    for (const folded of made.querySelectorAll("details")) folded.open = false;
    for (const wrong of made.querySelectorAll(".wrong")) wrong.remove();
    for (const one of made.querySelectorAll("input, select, textarea")) {
      const column = one.name.slice(prefix.length + 1).replace(/^\d+\./, "");
      one.name = `${prefix}.${number}.${column}`;
      const label = made.querySelector(`label[for="${one.id}"]`);
      one.id = one.name.replaceAll(".", "-");
      if (label) label.htmlFor = one.id;
      one.setAttribute("aria-label", one.getAttribute("aria-label").replace(/\d+$/, number + 1));
      one.removeAttribute("aria-invalid");
      one.removeAttribute("aria-describedby");
      if (one.type === "checkbox") one.checked = false;
      else one.value = one.dataset.usual || "";
    }
    return made;
  };
  const begun = (row) =>
    [...row.querySelectorAll("input, select, textarea")].some((one) =>
      one.type === "checkbox" ? one.checked : one.value !== (one.dataset.usual || ""),
    );
  for (const table of document.querySelectorAll("fieldset[data-rows]")) {
    const rows = table.querySelector("tbody");
    const add = () => {
      const number = rows.children.length;
      if (number >= Number(table.dataset.most)) return null;
      rows.append(fresh(rows.lastElementChild, table.dataset.rows, number));
      return rows.lastElementChild;
    };
    rows.addEventListener("input", (event) => {
      if (rows.lastElementChild.contains(event.target)) add();
    });
    // On a slow link somebody may have written in it before this script came.
    if (begun(rows.lastElementChild)) add();
    table.querySelector("button[value=lignes]").addEventListener("click", (click) => {
      const made = add();
      if (!made) return;
      click.preventDefault();
      made.querySelector("input, select, textarea").focus();
    });
  }
  // What is folded cannot be shown as wrong: the browser would stay where it is without a word.
  const unfold = (event) => {
    for (let one = event.target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  };
  document.addEventListener("invalid", unfold, true);
  for (const chosen of document.querySelectorAll("input[type=file][data-largest]")) {
    chosen.addEventListener("change", () => {
      const sizes = [...chosen.files].map((file) => file.size);
      const many = sizes.reduce((sum, size) => sum + size, 0) > Number(chosen.dataset.request);
      const large = sizes.some((size) => size > Number(chosen.dataset.largest));
      chosen.setCustomValidity(many || large ? chosen.dataset.wrong : "");
      chosen.reportValidity();
    });
  }
})();
