// Keeps a review while it is written: each criterion by itself, a moment after the last key. Without it the buttons do the same.
"use strict";

(() => {
  const form = document.querySelector("form[data-review]");
  if (!form) return;
  const token = form.querySelector("[name=csrf_token]").value;
  const left = form.querySelector("[data-left]");
  const wait = 700;
  const longest = 3000;
  const parts = [];
  let state = "writing"; // then "waiting" for what is under way, then "going"

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

  for (const element of form.querySelectorAll("[data-save]")) {
    const said = element.querySelector("output");
    const part = { timer: 0, running: Promise.resolve() };
    parts.push(part);
    // one after the other: what was typed last is also kept last
    const soon = (pause) => {
      if (state !== "writing") return;
      clearTimeout(part.timer);
      part.timer = setTimeout(() => {
        part.running = part.running.then(() => keep(element, said));
      }, pause);
    };
    element.addEventListener("input", (event) => {
      if (!event.target.name.startsWith("to-")) soon(wait);
    });
    element.addEventListener("change", (event) => {
      if (!event.target.name.startsWith("to-")) soon(0);
    });
  }

  // The whole form goes after its parts: one that is still under way must not arrive after it.
  form.addEventListener("submit", async (event) => {
    if (state === "going") return;
    event.preventDefault();
    if (state === "waiting") return;
    state = "waiting";
    const pressed = event.submitter;
    parts.forEach((part) => clearTimeout(part.timer));
    const silence = new Promise((done) => setTimeout(done, longest));
    await Promise.race([Promise.all(parts.map((part) => part.running)), silence]);
    // a form that still tells of its first submission hears no second one
    await new Promise((done) => setTimeout(done));
    state = "going";
    form.requestSubmit(pressed);
    state = "writing";
  });
})();
