/** The queue: a verdict is on its way while the next card is shown. */
import { addToCase } from "./add_to_case.js";
import { send } from "./api.js";
import { attempt, clear, tell } from "./banner.js";
import { pageData } from "./dom.js";
import { Acts } from "./queue_acts.js";
import { CardView } from "./queue_card.js";
import { control, controlNote } from "./queue_controls.js";
import { Deck, entryOf } from "./queue_deck.js";
import { Figures, midnight } from "./queue_figures.js";
import { Outbox } from "./queue_outbox.js";
import { Watching } from "./queue_watching.js";
import { confirm, unsay } from "./queue_words.js";
import { t, whole } from "./words.js";

const RENEW_SECONDS = 120;
const LOOK_AGAIN_SECONDS = 15;
const known = pageData("known");
const at = (name) => document.querySelector(`[data-${name}]`);
const outbox = new Outbox({ told: tellSaving, failed: bringBack });
const pending = () => outbox.changes.map(({ entry }) => entry).filter(Boolean);
const deck = new Deck(known.watch?.id, pending);
const acts = new Acts();
let card = null;
let figures = null;

function tellSaving(number) {
  at("saving").textContent = number > 0 ? t("Saving {number} …", { number }) : "";
}

function say(verdict, event) {
  const entry = deck.current;
  if (!entry?.shown || event.repeat || event.detail > 1) return; // a held key or a double click says one thing
  deck.take();
  acts.add(entry);
  clear();
  show();
  confirm(verdict, entry.card);
  const address = `/api/suspects/${entry.card.id}/verdict?${midnight()}`;
  outbox.add({ entry, send: () => send(address, { verdict, note: entry.note }, { keepalive: true }), saved });
  refill();
}

function saved(done) {
  figures.show(done);
  figures.count(-1);
}

/** What was not saved is to be judged again, unless somebody else was first. */
function bringBack(changes, failure) {
  const entries = changes.map(({ entry }) => entry).filter(Boolean);
  acts.forget(entries.map(({ card: { id } }) => id));
  unsay();
  if (failure.status !== 409 && entries.length > 0) {
    deck.back(entries);
    tell(`${failure.message} ${t("The card is here again; judge it once more.")}`, { alert: true });
  } else tell(failure.message, { alert: true });
  show();
}

function undo(event) {
  if (event.repeat || event.detail > 1) return;
  const last = acts.pop();
  if (last?.putOff) {
    recall([last.entry]);
    return;
  }
  const id = last?.entry.card.id ?? (outbox.changes.length > 0 ? null : figures.last);
  if (!id) {
    tell(t("There is nothing of this batch to take back."));
    return;
  }
  const returned = ({ card: again, done }) => {
    deck.back([entryOf(again, last?.entry.note)]);
    figures.show(done);
    figures.count(1);
    show();
    confirm("taken_back", again);
  };
  outbox.add({ send: () => send(`/api/suspects/${id}/undo?${midnight()}`), saved: returned });
}

function skip(event) {
  if (!deck.current || event.repeat || event.detail > 1) return;
  const entry = deck.take();
  const { id } = entry.card;
  deck.putOff.set(id, entry);
  acts.add(entry, { putOff: true });
  attempt(() => deck.release([id]));
  show();
  confirm("put_off", entry.card);
  refill();
}

/** Show entries again that were put off, unless somebody else has them meanwhile. */
async function recall(entries) {
  const ids = entries.map(({ card: { id } }) => id);
  const found = await attempt(() => deck.recall(ids));
  acts.forget(ids);
  show();
  if (found) confirm(found.length > 0 ? "here_again" : "gone", found[0] ?? entries[0].card);
}

function note() {
  if (!deck.current) return;
  card.openNote(true);
  card.note.focus({ preventScroll: true });
  if (card.field.getBoundingClientRect().bottom > innerHeight) card.field.scrollIntoView({ block: "nearest" });
  card.view.stage.scrollIntoView({ block: "nearest" });
}

function add() {
  if (deck.current) addToCase({ suspect: deck.current.card.id });
}

function later() {
  return recall([...deck.putOff.values()]);
}

function sumUp() {
  if (figures.batch.hidden) tell(t("There is no verdict to sum up yet."));
  else location.assign(figures.batch.href);
}

function show() {
  const entry = deck.current;
  at("card").hidden = !entry;
  at("empty").hidden = Boolean(entry);
  for (const button of document.querySelectorAll('[data-do="later"]')) button.hidden = deck.putOff.size === 0;
  at("put-off").textContent = whole(deck.putOff.size);
  if (entry) {
    deck.hold(entry.card.seller);
    card.show(entry);
  } else {
    card.clear();
    at("said").textContent = deck.putOff.size > 0 ? t("Only what you have put off is left, or what others look at just now.") : t("Nothing is left to judge here just now.");
  }
}

async function refill() {
  await attempt(() => deck.fill());
  show();
}

async function renew() {
  const lost = await attempt(() => deck.renew());
  if (lost) tell(t("Somebody else has the card that was here, since this page has rested too long."));
  if (lost !== undefined) await refill();
}

async function choose(seller) {
  await attempt(() => deck.choose(seller));
  show();
}

function keepNote() {
  if (deck.current && card.note.value.trim() !== "") confirm("noted", deck.current.card);
}

function listen() {
  control({ say, note, undo, skip, add, later, sumUp });
  controlNote(card.note, keepNote);
  addEventListener("beforeunload", (event) => outbox.changes.length > 0 && event.preventDefault());
  document.addEventListener("visibilitychange", () => document.hidden || renew());
  setInterval(renew, RENEW_SECONDS * 1000);
  setInterval(() => deck.current || document.hidden || refill(), LOOK_AGAIN_SECONDS * 1000);
}

async function begin() {
  document.getElementById("watch").addEventListener("change", (event) => event.target.form.submit());
  figures = new Figures(known.watch, choose);
  figures.begin();
  if (!known.may_judge) return;
  card = new CardView(at("card"));
  listen();
  await refill();
}

function look(watch) {
  if (watch !== known.watch?.id) location.assign(`/queue?watch=${watch}`);
  else if (known.may_judge) refill().then(() => figures.refresh());
}

if (known.watch) begin();
if (known.may_watch) {
  const watching = new Watching(at("watching"), look);
  if (known.watch) watching.follow(known.watch.id);
}
