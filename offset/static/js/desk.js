// Keys of the reconciliation: J K move, M match, S split, N note, ? help. The same work is done by links and buttons.
"use strict";

(() => {
  const rows = Array.from(document.querySelectorAll("[data-row] [data-open]"));
  const help = document.querySelector("[data-key-help]");
  const hint = document.querySelector("[data-keys]");
  if (!help) return;
  if (hint) hint.hidden = false;

  const move = (step) => {
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const from = at >= 0 ? at : rows.findIndex((link) => link.closest("tr").matches(".sel, .rev"));
    const next = Math.min(Math.max(from + step, 0), rows.length - 1);
    rows[next].focus();
    rows[next].closest("tr").scrollIntoView({ block: "nearest" });
  };

  const press = (key) => {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (target) target.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "m" || key === "s" || key === "n") press(key);
    else if (key === "?") help.showModal();
    else return;
    event.preventDefault();
  });

  const note = document.querySelector(".parts textarea, .parts select");
  if (note) note.focus();
})();
