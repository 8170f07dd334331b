// Keeps a review while it is written: each criterion by itself, a moment after the last key. Without it the buttons do the same.
"use strict";

(() => {
  const form = document.querySelector("form[data-review]");
  if (!form) return;
  const token = form.querySelector("[name=csrf_token]").value;
  const left = form.querySelector("[data-left]");
  const wait = 700;

  const keep = async (part, said) => {
    const told = new URLSearchParams({ csrf_token: token });
    for (const field of part.querySelectorAll("input, select, textarea")) {
      if (field.type !== "radio" || field.checked) told.set(field.name, field.value);
    }
    said.textContent = form.dataset.saving;
    try {
      const answer = await fetch(part.dataset.save, {
        method: "POST",
        body: told,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error",
      });
      const words = await answer.json();
      said.textContent = words.said;
      said.classList.toggle("fault", !answer.ok);
      if (answer.ok && words.left && left) left.textContent = words.left;
    } catch {
      said.textContent = form.dataset.lost;
      said.classList.add("fault");
    }
  };

  for (const part of form.querySelectorAll("[data-save]")) {
    const said = part.querySelector("output");
    let timer = 0;
    let running = Promise.resolve();
    // one after the other: what was typed last is also kept last
    const soon = (pause) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        running = running.then(() => keep(part, said));
      }, pause);
    };
    part.addEventListener("input", (event) => {
      if (!event.target.name.startsWith("to-")) soon(wait);
    });
    part.addEventListener("change", (event) => {
      if (!event.target.name.startsWith("to-")) soon(0);
    });
  }
})();
