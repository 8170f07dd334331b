// Checks a proof in the browser, by the rules of docs/ledger-proof.md; the file stays here.
//
// The proof comes from the file field, or after "#p1." in the address when the square code of a
// printed proof was read. Only the published list of checkpoints is fetched.
"use strict";

(() => {
  const form = document.getElementById("verify");
  if (!form || !window.crypto || !window.crypto.subtle) return;
  const MARK = "p1.";
  const HASH = 32;

  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  };
  const bytes = (hex) => {
    if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error("hex");
    return Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
  };
  const hex = (raw) => Array.from(raw, (one) => one.toString(16).padStart(2, "0")).join("");
  const hash = async (...parts) => {
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    parts.forEach((part) => { whole.set(part, at); at += part.length; });
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  };
  const node = (left, right) => hash(Uint8Array.of(1), left, right);

  // RFC 9162, 2.1.3.2 and 2.1.4.2: from two hashes at one place to the old and the new root.
  const climb = async (first, place, end, path) => {
    let [old, made, here, last] = [first, first, place, end];
    for (const sibling of path) {
      if (last === 0) return null;
      if (here % 2 === 1 || here === last) {
        old = await node(sibling, old);
        made = await node(sibling, made);
        while (here > 0 && here % 2 === 0) { here /= 2; last = Math.floor(last / 2); }
      } else {
        made = await node(made, sibling);
      }
      here = Math.floor(here / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 ? [hex(old), hex(made)] : null;
  };
  const PARTS = { projects: "Liabilities:Fund:", fee: "Income:FeePart:", share: "Income:Share:" };
  // The amounts of a receipt are those of its entry.
  const toldAlike = (content, receipt) => {
    if (receipt.gross === undefined) return true;
    const sums = Object.entries(PARTS).map(([name, start]) => [name, 0 - content.postings
      .filter((line) => line[1].startsWith(start)).reduce((sum, line) => sum + line[3], 0)]);
    const gross = sums.reduce((whole, [, sum]) => whole + sum, 0);
    sums.push(["gross", gross]);
    const abroad = receipt.amount.currency !== receipt.gross.currency;
    return (abroad || receipt.amount.minor === gross) && sums.every(([name, sum]) =>
      receipt[name].minor === sum && content.postings.every((line) => line[2] === receipt[name].currency));
  };
  const included = async (proof) => {
    const text = new TextEncoder().encode(canonical(proof.content));
    const leaf = await hash(Uint8Array.of(0), text);
    const told = proof.receipt || {};
    const agrees = [["leaf_hash", hex(leaf)], ["entry_id", proof.content.id], ["salt", proof.content.salt]]
      .every(([name, value]) => told[name] === undefined || told[name] === value);
    const inside = proof.pos >= 0 && proof.pos < proof.size;
    const roots = inside ? await climb(leaf, proof.pos, proof.size - 1, proof.path.map(bytes)) : null;
    const sameLeaf = proof.leaf === undefined || proof.leaf === hex(leaf);
    return agrees && toldAlike(proof.content, told) && sameLeaf && roots !== null && roots[1] === proof.root;
  };
  const grown = async (proof) => {
    const [first, second, path] = [proof.earlier, proof.later, proof.path.map(bytes)];
    if (!(first.size > 0 && first.size <= second.size)) return false;
    if (first.size === second.size) return path.length === 0 && first.root === second.root;
    const whole = Number.isInteger(Math.log2(first.size));
    const steps = whole ? [bytes(first.root), ...path] : path;
    if (!steps.length) return false;
    let [here, last] = [first.size - 1, second.size - 1];
    while (here % 2 === 1) { here = Math.floor(here / 2); last = Math.floor(last / 2); }
    const roots = await climb(steps[0], here, last, steps.slice(1));
    return roots !== null && roots[0] === first.root && roots[1] === second.root;
  };
  const fromPaper = async (text) => {
    const packed = text.slice(text.indexOf(MARK) + MARK.length).replaceAll("-", "+").replaceAll("_", "/");
    const raw = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const size = raw[0] * 256 + raw[1];
    const opened = new Blob([raw.slice(2, 2 + size)]).stream().pipeThrough(new DecompressionStream("deflate"));
    const told = JSON.parse(await new Response(opened).text());
    const hashes = [];
    for (let at = 2 + size; at < raw.length; at += HASH) hashes.push(hex(raw.slice(at, at + HASH)));
    return { ...told, root: hashes[0], path: hashes.slice(1) };
  };
  const published = async (proof) => {
    const answer = await fetch(form.dataset.checkpoints);
    const known = new Set((await answer.json()).checkpoints.map((one) => `${one.size} ${one.root}`));
    const asked = proof.earlier ? [proof.earlier, proof.later] : [proof];
    return asked.every((one) => known.has(`${one.size} ${one.root}`));
  };
  const verdict = async (proof) => {
    const holds = await (proof.earlier ? grown(proof) : included(proof));
    if (!holds) return "not_proved";
    return (await published(proof)) ? "proved" : "not_published";
  };

  const show = (code, proof) => {
    form.querySelectorAll("[data-verdict]").forEach((one) => { one.hidden = one.dataset.verdict !== code; });
    const facts = document.getElementById("proof-facts");
    facts.hidden = code !== "proved" || !proof.content;
    if (facts.hidden) return;
    const postings = (proof.content.postings || []).map((line) => line.slice(1).join(" ")).join("\n");
    const told = { ...proof.content, postings, root: proof.root };
    facts.querySelectorAll("[data-fact]").forEach((one) => {
      one.textContent = told[one.dataset.fact];
      one.parentElement.hidden = !told[one.dataset.fact];
    });
  };
  const check = async (read) => {
    let proof = null;
    try {
      proof = await read();
      show(await verdict(proof), proof);
    } catch {
      show("unreadable", proof);
    }
  };

  const hint = document.getElementById("proof-hint");
  hint.textContent = hint.dataset.local;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = document.getElementById("proof").files[0];
    if (file) check(async () => JSON.parse(await file.text()));
  });
  const fromAddress = () => {
    if (location.hash.includes(MARK)) check(() => fromPaper(decodeURIComponent(location.hash)));
  };
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
})();
