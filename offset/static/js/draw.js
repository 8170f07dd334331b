// Draws the corners of a piece of land beside the box that holds them: a tap adds a corner, a drag moves one. Without it people write the corners themselves.
"use strict";

(() => {
  const board = document.querySelector("[data-draw]");
  const box = board && document.getElementById(board.dataset.draw);
  if (!box) return;
  const svg = board.querySelector("svg");
  const said = board.querySelector("output");
  const words = board.dataset;
  const made = (name) => svg.appendChild(document.createElementNS(svg.namespaceURI, name));
  const [grid, rings, line, dots, bar, label] = ["path", "path", "path", "g", "path", "text"].map(made);
  grid.setAttribute("class", "grid");
  rings.setAttribute("class", "there");
  bar.setAttribute("class", "bar");
  const wide = 600;
  const high = 400;
  const degree = 111195; // metres
  const there = JSON.parse(words.there || "[]");
  let corners = []; // [latitude, longitude]
  let middle = null;
  let metres = 2; // of one unit of the drawing
  let held = null;

  const cosine = () => Math.max(0.02, Math.cos((middle[0] * Math.PI) / 180));
  const place = ([lat, lon]) => [
    wide / 2 + ((lon - middle[1]) * degree * cosine()) / metres,
    high / 2 - ((lat - middle[0]) * degree) / metres,
  ];
  const corner = (x, y) => [
    middle[0] - ((y - high / 2) * metres) / degree,
    middle[1] + ((x - wide / 2) * metres) / degree / cosine(),
  ];
  const path = (ring) => (ring.length ? "M" + ring.map((one) => place(one).map((n) => n.toFixed(1)).join(" ")).join("L") : "");

  // only lines of two numbers: what else stands in the box is its writer's own
  const read = () => {
    const lines = box.value.split(/\r?\n/).map((one) => one.trim()).filter(Boolean);
    const found = lines.map((one) => /^(-?\d+(?:\.\d+)?)\s*[,; \t]\s*(-?\d+(?:\.\d+)?)$/.exec(one));
    return found.every(Boolean) ? found.map((one) => [Number(one[1]), Number(one[2])]) : null;
  };
  const write = () => {
    box.value = corners.map((one) => one.map((n) => n.toFixed(6)).join(", ")).join("\n");
  };

  const seen = (one) => {
    const [x, y] = place(one);
    return x > 0 && x < wide && y > 0 && y < high;
  };
  // looks at the corners anew, or only when one of them is out of sight
  const fit = (anew) => {
    const all = corners.length ? corners : there.flat();
    if (!all.length || (!anew && middle && corners.every(seen))) return;
    const [lats, lons] = [all.map((one) => one[0]), all.map((one) => one[1])];
    const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
    middle = [(south + north) / 2, (west + east) / 2];
    const across = ((east - west) * degree * cosine()) / wide;
    metres = Math.min(500, Math.max(all.length > 1 ? 0.25 : 2, (1.3 * (north - south) * degree) / high, 1.3 * across));
  };

  const hectares = () => {
    const flat = corners.map(place);
    let twice = 0;
    flat.forEach(([x, y], n) => {
      const [nx, ny] = flat[(n + 1) % flat.length];
      twice += x * ny - nx * y;
    });
    return (Math.abs(twice) / 2) * metres * metres / 10000;
  };

  const show = () => {
    if (!middle) return;
    const step = [1, 2, 5].flatMap((one) => [1, 10, 100, 1000, 10000].map((ten) => one * ten)).sort((a, b) => a - b).find((one) => one / metres >= 80) || 50000;
    const unit = step / metres;
    let lines = "";
    for (let x = (wide / 2) % unit; x < wide; x += unit) lines += `M${x.toFixed(1)} 0V${high}`;
    for (let y = (high / 2) % unit; y < high; y += unit) lines += `M0 ${y.toFixed(1)}H${wide}`;
    grid.setAttribute("d", lines);
    rings.setAttribute("d", there.map((ring) => path(ring) + "Z").join(""));
    line.setAttribute("d", path(corners) + (corners.length > 2 ? "Z" : ""));
    bar.setAttribute("d", `M16 ${high - 16}h${unit.toFixed(1)}`);
    label.setAttribute("x", "16");
    label.setAttribute("y", String(high - 24));
    label.textContent = step >= 1000 ? `${step / 1000} km` : `${step} m`;
    dots.replaceChildren(
      ...corners.map((one, n) => {
        const dot = document.createElementNS(svg.namespaceURI, "circle");
        const [x, y] = place(one);
        dot.setAttribute("cx", x.toFixed(1));
        dot.setAttribute("cy", y.toFixed(1));
        dot.setAttribute("r", "11");
        dot.dataset.corner = String(n);
        return dot;
      }),
    );
    said.textContent =
      corners.length > 2
        ? words.area.replace("{area}", hectares().toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 }))
        : words.hint;
  };

  const changed = () => {
    write();
    show();
  };
  const at = (event) => {
    const bounds = svg.getBoundingClientRect();
    return [((event.clientX - bounds.left) / bounds.width) * wide, ((event.clientY - bounds.top) / bounds.height) * high];
  };

  svg.addEventListener("pointerdown", (event) => {
    if (!middle || event.button) return;
    const [x, y] = at(event);
    const dot = event.target.dataset.corner;
    held = { x, y, from: middle, dot: dot === undefined ? -1 : Number(dot), moved: false };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = at(event);
    held.moved = held.moved || Math.hypot(x - held.x, y - held.y) > 6;
    if (!held.moved) return;
    if (held.dot >= 0) {
      corners[held.dot] = corner(x, y);
      changed();
    } else {
      middle = [held.from[0] + ((y - held.y) * metres) / degree, held.from[1] - ((x - held.x) * metres) / degree / cosine()];
      show();
    }
  });
  svg.addEventListener("pointerup", () => {
    if (held && !held.moved && held.dot < 0) {
      corners.push(corner(held.x, held.y));
      changed();
    }
    held = null;
  });
  svg.addEventListener("pointercancel", () => {
    held = null;
  });

  const near = (factor) => {
    if (!middle) return;
    metres = Math.min(500, Math.max(0.25, metres * factor));
    show();
  };
  const acts = {
    here: () =>
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          corners.push([coords.latitude, coords.longitude]);
          fit(corners.length === 1);
          changed();
        },
        () => {
          said.textContent = words.lost;
        },
        { enableHighAccuracy: true, timeout: 30000, maximumAge: 0 },
      ),
    undo: () => {
      corners.pop();
      changed();
    },
    closer: () => near(0.5),
    farther: () => near(2),
  };
  for (const button of board.querySelectorAll("button[data-act]")) {
    if (button.dataset.act === "here" && !navigator.geolocation) button.hidden = true;
    button.addEventListener("click", () => acts[button.dataset.act]());
  }

  const taken = () => {
    const found = read();
    board.hidden = found === null;
    if (!found) return;
    corners = found;
    fit(true);
    show();
  };
  if (words.middle) middle = words.middle.split(" ").map(Number);
  box.addEventListener("input", taken);
  taken();
})();
