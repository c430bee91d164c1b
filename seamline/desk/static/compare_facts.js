/** What is known of both garments, and whether their photos still are the files that were indexed. */
import { get } from "./api.js";
import { attempt } from "./banner.js";
import { element } from "./dom.js";
import { t, term } from "./words.js";

/** Fill `table` with the facts of a pair, `files` with where its photos lie, `versions` with what the server said of itself. */
export function showFacts({ table, files, versions }, data) {
  const { pair, names } = data;
  const both = (name, of) => row(name, of(pair.query, "query"), of(pair.hit, "hit"));
  const checks = { query: element("span", {}, t("Being read …")), hit: element("span", {}, t("Being read …")) };
  fill(table, names, [
    both(t("Item"), (side) => outside(side.item)),
    both(t("Seller"), (side) => outside(side.metadata.seller)),
    both(t("Date"), (side) => outside(side.metadata.date)),
    both(t("Category"), (side) => outside(term(side.category))),
    both(t("Size"), ({ size: [width, height] }) => t("{width} × {height} pixels", { width, height })),
    both(t("File"), (_side, which) => checks[which]),
  ]);
  fill(files, names, [both(t("Photo"), (side) => outside(side.photo)), both("SHA-256", (side) => element("span", { class: "fixed" }, side.sha256))]);
  versions.textContent = JSON.stringify(pair.versions, null, 2);
  check(data.files, checks);
}

function fill(table, names, rows) {
  const heads = [names.query, names.hit].map((name) => element("th", { scope: "col" }, name));
  table.replaceChildren(element("thead", {}, element("tr", {}, element("td"), heads)), element("tbody", {}, rows));
}

const row = (name, query, hit) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, query), element("td", {}, hit));

/** Names from outside do not turn the text around them. */
const outside = (text) => (text === undefined || text === null || text === "" ? element("span", { class: "soft" }, "–") : element("bdi", {}, String(text)));

async function check(address, cells) {
  const found = await attempt(() => get(address));
  for (const [side, cell] of Object.entries(cells)) {
    const { state, kept, sentence } = found?.[side] ?? { sentence: t("not known") };
    cell.textContent = sentence;
    cell.classList.toggle("alert", state === "changed" && !kept);
  }
}
