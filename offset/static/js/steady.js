// For bad lines: a form is sent again until it arrives, what was typed survives a broken page, and
// a photo is made smaller before it leaves. Everything works without this file.
"use strict";

const WAITS = [1, 2, 4, 8, 15, 30];
const TYPED = "input[type=text], input:not([type]), textarea, input[name=key]";
const nameOf = (form) => "steady:" + form.action;
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

function tell(form, word) {
  const place = form.querySelector("[data-told]");
  if (place) place.textContent = word ? place.dataset[word] || "" : "";
}

function keep(form) {
  const typed = {};
  form.querySelectorAll(TYPED).forEach((field) => { typed[field.name] = field.value; });
  try { sessionStorage.setItem(nameOf(form), JSON.stringify(typed)); } catch { /* full or off */ }
}

function forget(form) {
  try { sessionStorage.removeItem(nameOf(form)); } catch { /* off */ }
}

function restore(form) {
  let typed = null;
  try { typed = JSON.parse(sessionStorage.getItem(nameOf(form))); } catch { /* off */ }
  if (!typed || document.getElementById("error-summary")) return;
  let back = false;
  form.querySelectorAll(TYPED).forEach((field) => {
    const before = typed[field.name];
    if (before === undefined || before === field.value) return;
    field.value = before;
    back = back || field.type !== "hidden";
  });
  if (back) tell(form, "kept");
}

async function shrunk(file, side) {
  if (!file || !file.type.startsWith("image/") || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    return made && made.size < file.size ? new File([made], "photo.jpg", { type: made.type }) : file;
  } catch {
    return file; // a kind this browser cannot draw: the server reads it, or says why not
  }
}

async function written(form, button) {
  const data = new FormData(form);
  if (button && button.name) data.set(button.name, button.value);
  const chosen = form.querySelector("input[type=file][data-shrink]");
  if (chosen && chosen.files[0]) {
    tell(form, "shrunk");
    const file = await shrunk(chosen.files[0], Number(chosen.dataset.shrink));
    data.set(chosen.name, file, file.name);
  }
  return data;
}

async function send(form, data) {
  for (let times = 0; ; times += 1) {
    tell(form, times ? "again" : "sending");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Steady": "1" } });
      if (![502, 503, 504].includes(answer.status)) return answer;
    } catch { /* no answer came */ }
    tell(form, "again");
    await pause(WAITS[Math.min(times, WAITS.length - 1)]);
  }
}

async function arrived(form, answer) {
  const next = answer.headers.get("X-Next");
  if (next) {
    forget(form);
    location.assign(next);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (main) document.querySelector("main").replaceWith(document.adoptNode(main));
  document.querySelectorAll("form[data-steady]").forEach(watch);
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
}

function watch(form) {
  restore(form);
  form.addEventListener("input", () => keep(form));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    keep(form);
    const answer = await send(form, await written(form, event.submitter));
    try {
      await arrived(form, answer);
    } catch {
      form.submit(); // the answer broke off: once more, as a browser does it; it is known already
    }
    delete form.dataset.busy;
  });
}

document.querySelectorAll("form[data-steady]").forEach(watch);
