/** The page of two garments. */
import { addToCase } from "./add_to_case.js";
import { get } from "./api.js";
import { attempt } from "./banner.js";
import { showFacts } from "./compare_facts.js";
import { compareKeys } from "./compare_keys.js";
import { PartsTable } from "./compare_parts.js";
import { CompareView } from "./compare_view.js";
import { aboutWhole } from "./compare_words.js";
import { pageData } from "./dom.js";
import { onKey } from "./keys.js";
import { figure, percent, t } from "./words.js";

const at = (name) => document.querySelector(`[data-${name}]`);
const told = { point: (place) => view.point(place), pin: (place) => view.pin(place) };
const table = new PartsTable(at("parts"), told);
const view = new CompareView(at("view"), { onPart: (...which) => table.highlight(...which) });
const answers = new Map();
let data = null;

function show(next) {
  data = next;
  const { pair, names, row, adding, back } = data;
  const title = t("{query} and {hit}", { query: pair.query.item, hit: pair.hit.item });
  document.title = `${title} · seamline`;
  at("title").textContent = title;
  at("back").href = back.address;
  at("back").textContent = back.words;
  at("position").textContent = row ? t("{place} of {count}", { place: row.place + 1, count: row.of }) : "";
  at("previous").disabled = !row?.previous;
  at("next").disabled = !row?.next;
  at("steps").hidden = !row || row.of < 2;
  at("add").hidden = !adding;
  at("probability").textContent = percent(pair.probability);
  at("score").textContent = figure(pair.score);
  at("way").textContent = pair.mirrored ? t("mirrored: left with right") : t("straight");
  at("whole").textContent = aboutWhole(pair);
  table.show(pair);
  showFacts({ table: at("facts"), files: at("files"), versions: at("versions") }, data);
  view.show(data);
  prefetch();
}

/** Another pair at the same zoom and in the same view. */
async function go(address) {
  if (!address) return;
  const from = data;
  const next = await attempt(() => answer(address));
  if (!next || data !== from) return;
  history.replaceState(null, "", next.page);
  show(next);
}

function answer(address) {
  if (!answers.has(address)) {
    const asked = get(address);
    answers.set(address, asked);
    asked.catch(() => answers.delete(address));
  }
  return answers.get(address);
}

/** What an arrow key shows next is there before it is pressed. */
async function prefetch() {
  for (const address of [data.row?.next, data.row?.previous].filter(Boolean)) {
    const { photos } = await answer(address).catch(() => ({ photos: {} }));
    for (const { large } of Object.values(photos)) new Image().src = large;
  }
}

const add = () => data.adding && addToCase(data.adding);
at("previous").addEventListener("click", () => go(data.row.previous));
at("next").addEventListener("click", () => go(data.row.next));
at("add").addEventListener("click", add);
onKey("ArrowLeft", t("Previous pair"), () => go(data.row?.previous));
onKey("ArrowRight", t("Next pair"), () => go(data.row?.next));
compareKeys(view);
onKey("c", t("Add to a case"), add);
show(pageData("compared"));
