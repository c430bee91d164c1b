/** The search page: photos come in, garments are found in them, and their hits are looked through. */
import { get, send, upload } from "./api.js";
import { attempt, clear, tell } from "./banner.js";
import { pageData } from "./dom.js";
import { listKey, onKey } from "./keys.js";
import { AnswerView } from "./search_answer.js";
import { Batch } from "./search_batch.js";
import { filtered, onFilter } from "./search_filter.js";
import { onPhotos } from "./search_intake.js";
import { MOST, asQuery, chosenOptions, hasAll, offerCollections, offerRankings } from "./search_options.js";
import { t } from "./words.js";

const ZOOM = 1.25;
const known = pageData("known");
const node = (id) => document.getElementById(id);
const view = new AnswerView(known.may_search);
const batch = new Batch(node("batch"), { search: searchFile, open: opened, failed: missed });
const ready = Promise.all([attempt(() => offerCollections(known.collection)), view.sliders.load()]);
let missing = null;
let asker = null;
let asking = 0;

function opened(answer) {
  missing = null;
  asking += 1;
  clear();
  if (location.pathname !== `/search/${answer.id}`) history.pushState(null, "", `/search/${answer.id}`);
  view.open(answer);
  view.busy(false);
  node("search").disabled = false;
  if (!isWriting(document.activeElement)) view.enter();
}

/** Whether the focus is to stay where it is: in a field, though not in a list of choices that an answer was waited in. */
function isWriting(focused) {
  if (document.querySelector("dialog[open]")) return true;
  return focused.matches("input:not([type='file'])") || (focused.matches("select") && focused !== asker);
}

function missed(file, sentence) {
  missing = file;
  node("search").disabled = false;
  view.busy(false);
  tell(sentence, { alert: true });
}

/** Wait for an answer and open it, unless another one was opened or asked for in between. */
async function answered(work) {
  const asked = (asking += 1);
  asker = document.activeElement;
  view.busy(true);
  const answer = await attempt(work);
  if (asked !== asking) return;
  if (answer) opened(answer);
  else view.busy(false);
}

async function searchFile(file) {
  await ready;
  const query = asQuery(chosenOptions(filtered()));
  query.set("name", file.name);
  return upload(`/api/search?${query}`, file);
}

function take(files) {
  const small = files.filter((file) => file.size <= known.max_bytes);
  if (small.length < files.length) tell(t("A photo may have {n} bytes at most; larger ones were left out.", { n: known.max_bytes }), { alert: true });
  if (!small.length) return;
  asking += 1;
  asker = document.activeElement;
  if (small.length === 1) view.leave(small[0]);
  view.busy(true);
  batch.add(small);
}

function searchAgain(more = {}) {
  if (missing) take([missing]);
  else if (view.record) askAgain({ ...chosenOptions(filtered()), ...view.question(), ...more });
}

/** A filter looks through what the server has given, so the server is to give all that it can. */
function searchWidely() {
  if (!view.record || !filtered() || hasAll(view.record)) return;
  const { whole, ...asked } = view.record.options;
  askAgain({ ...asked, top_k: MOST });
}

function askAgain(question) {
  answered(() => send(`/api/search/${view.record.id}/again`, question));
}

function load() {
  const id = location.pathname.split("/")[2];
  if (id) answered(() => get(`/api/search/${id}`));
  else location.reload();
}

function searching() {
  onPhotos(take);
  node("options-form").addEventListener("submit", (event) => {
    event.preventDefault();
    searchAgain();
  });
  node("search-corrected").addEventListener("click", () => searchAgain());
  node("search-weighted").addEventListener("click", () => searchAgain({ weights: view.sliders.weights(), ranking: known.taking_weights[0] }));
  onKey("o", t("Choose photos"), () => node("files").click());
  onKey("b", t("Correct the box"), () => view.photo.begin("box"));
  onKey("l", t("Correct landmarks"), () => view.photo.begin("points"));
  onKey("Escape", t("Stop correcting"), () => view.photo.enter("choose"));
  onKey("s", t("Search again"), () => searchAgain());
  listKey("Tab", t("While landmarks are corrected: the next landmark"));
  listKey(t("Arrow keys"), t("While correcting: move the box or the landmark; otherwise go from hit to hit"));
  listKey(`Shift+${t("Arrow keys")}`, t("While the box is corrected: resize it"));
  listKey(t("Del"), t("While landmarks are corrected: this one is not visible"));
  listKey(t("Enter"), t("While correcting: search again as corrected; on a hit: compare it"));
}

offerRankings(known.rankings);
if (known.may_search) searching();
else for (const part of document.querySelectorAll("[data-searching]")) part.hidden = true;
onKey("g", t("Look at the next garment"), () => view.photo.next());
onKey("+", t("Zoom in"), () => view.photo.zoom(ZOOM));
onKey("-", t("Zoom out"), () => view.photo.zoom(1 / ZOOM));
onKey("0", t("Show the whole photo"), () => view.photo.zoom(null));
onKey("h", t("Go to the hits"), () => view.cards.enter());
node("to-hits").addEventListener("click", () => view.cards.enter());
onFilter(() => view.count(), searchWidely);
window.addEventListener("popstate", load);
if (location.pathname !== "/search") load();
