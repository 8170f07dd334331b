// A plain airport field becomes a combobox. Without this file the server resolves what was typed.
//
// <input name="from" data-airport="/fr/airports.json"> asks that address with ?q=… and expects
// [{"code": "CDG", "label": "Paris Charles de Gaulle, France"}, …]. A hidden field takes over the
// name: it holds the code of the chosen place, or what was typed when nothing was chosen.
// The words come from <template id="airport-words" data-…>, written by macros/airports.html.
"use strict";

(() => {
  const WAIT_MS = 120;
  const SHORTEST = 2;
  const holderOfWords = document.getElementById("airport-words");
  if (!window.accessibleAutocomplete || !holderOfWords) return;
  const words = holderOfWords.dataset;

  const fill = (sentence, values) =>
    Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), sentence);

  const escaped = (text) => {
    const box = document.createElement("span");
    box.textContent = text;
    return box.innerHTML;
  };

  const asking = (address) => {
    let timer = 0;
    let running = null;
    const state = { waiting: false };
    const told = (show, places) => {
      state.waiting = false;
      show(places);
    };
    state.ask = (query, show) => {
      clearTimeout(timer);
      if (running) running.abort();
      state.waiting = true;
      timer = setTimeout(async () => {
        running = new AbortController();
        try {
          const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`, { signal: running.signal });
          told(show, answer.ok ? await answer.json() : []);
        } catch (fault) {
          if (fault.name !== "AbortError") told(show, []);
        }
      }, WAIT_MS);
    };
    return state;
  };

  const enhance = (plain) => {
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = plain.name;
    kept.value = plain.value;
    const holder = document.createElement("div");
    plain.replaceWith(holder, kept);
    const places = asking(plain.dataset.airport);
    const nothing = () => (places.waiting ? words.searching : words.none);
    window.accessibleAutocomplete({
      element: holder,
      id: plain.id,
      name: "",
      defaultValue: plain.dataset.label || plain.value,
      placeholder: plain.placeholder,
      minLength: SHORTEST,
      confirmOnBlur: false,
      displayMenu: "overlay",
      source: places.ask,
      templates: {
        inputValue: (place) => (place ? `${place.label} (${place.code})` : ""),
        suggestion: (place) => (place.code ? `<b>${escaped(place.code)}</b> ${escaped(place.label)}` : escaped(place)),
      },
      onConfirm: (place) => {
        if (place) kept.value = place.code;
      },
      tNoResults: nothing,
      tStatusQueryTooShort: (least) => fill(words.short, { number: least }),
      tStatusNoResults: nothing,
      tStatusSelectedOption: (option, count, index) =>
        fill(words.selected, { option, index: index + 1, count }),
      tStatusResults: (count, option) => `${fill(count === 1 ? words.one : words.many, { count })} ${option}`,
      tAssistiveHint: () => words.hint,
    });
    const field = holder.querySelector("input");
    for (const name of ["aria-invalid", "aria-errormessage", "autocapitalize", "spellcheck", "maxlength"]) {
      if (plain.hasAttribute(name)) field.setAttribute(name, plain.getAttribute(name));
    }
    if (plain.hasAttribute("aria-describedby")) field.setAttribute("aria-errormessage", plain.getAttribute("aria-describedby"));
    field.addEventListener("input", () => {
      kept.value = field.value;
    });
  };

  document.querySelectorAll("input[data-airport]").forEach(enhance);
})();
