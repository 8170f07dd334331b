// Keys of the reconciliation: J K choose, M match, S split, N note, X tick, A all certain, ? help.
// The same work is done by links, boxes and buttons; inside a field every key types.
"use strict";

(() => {
  const help = document.querySelector("[data-key-help]");
  const hint = document.querySelector("[data-keys]");
  if (!help) return;
  if (hint) hint.hidden = false;
  const rows = Array.from(document.querySelectorAll("[data-row]"));
  const opened = rows.find((row) => row.matches(".sel, .rev"));
  const beginning = opened && location.hash === `#${opened.id}` ? opened : null;
  let chosen = beginning || opened || null;

  const choose = (row) => {
    if (chosen) chosen.removeAttribute("data-chosen");
    chosen = row;
    row.setAttribute("data-chosen", "");
    const link = row.querySelector("[data-open]") || row.querySelector("a, button");
    if (link) link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const move = (step) => {
    if (!rows.length) return;
    const focused = document.activeElement && document.activeElement.closest("[data-row]");
    const at = rows.indexOf(focused || chosen);
    const from = at >= 0 ? at : step > 0 ? -1 : rows.length;
    choose(rows[Math.min(Math.max(from + step, 0), rows.length - 1)]);
  };

  // The open row has its buttons in the row below it; another row has at most one of its own.
  const target = (key) => {
    if (!chosen) return null;
    if (chosen === opened) {
      const work = opened.nextElementSibling;
      return work && work.querySelector(`[data-key="${key}"]`);
    }
    return key === "m" && chosen.dataset.row !== "to_check" ? chosen.querySelector("[data-match]") : null;
  };

  const press = (key) => {
    const button = target(key);
    if (button) {
      button.click();
      return;
    }
    // Nothing to press on a row that is not open: open it, with the form that was asked for.
    const link = chosen && chosen !== opened && chosen.querySelector("[data-open]");
    if (!link) return;
    const address = new URL(link.href);
    // Without the row in the address the browser leaves the focus to the form.
    address.hash = "";
    if (key === "s") address.searchParams.set("work", "split");
    if (key === "n") address.searchParams.set("work", "note");
    location.assign(address);
  };

  const tick = () => {
    const box = chosen && chosen.querySelector("[data-tick]");
    if (box) box.checked = !box.checked;
  };

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || row === chosen) return;
    if (chosen) chosen.removeAttribute("data-chosen");
    chosen = row;
    row.setAttribute("data-chosen", "");
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "m" || key === "s" || key === "n") press(key);
    else if (key === "x") tick();
    else if (key === "a") {
      const all = document.querySelector('[data-key="a"]');
      if (all) all.click();
    } else if (key === "?") help.showModal();
    else return;
    event.preventDefault();
  });

  const begin = () => {
    const form = document.querySelector(".parts textarea, .parts select");
    if (form) form.focus();
    else if (beginning) choose(beginning);
  };
  begin();
  // The browser goes to the row of the address once all is there, and takes the focus along.
  window.addEventListener("load", () => setTimeout(begin));
})();
