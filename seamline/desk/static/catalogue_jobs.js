/** What is and was indexed: a bar, the rate, what failed, and buttons to stop it and go on. */
import { get, send } from "./api.js";
import { attempt } from "./banner.js";
import { element } from "./dom.js";
import { decimals, t } from "./words.js";

const SOON = 1500;
const LATER = 10000;
const states = new Map();
let timer = 0;

/** Look at the jobs from now on; gives a function that looks at once. `mayChange`: whether there are buttons. */
export function watchJobs(mayChange) {
  const look = async () => {
    clearTimeout(timer);
    const found = await attempt(() => get("/api/jobs"));
    if (found) show(found.jobs, mayChange, look);
    const busy = found?.jobs.some((job) => ["receiving", "waiting", "running"].includes(job.state));
    timer = setTimeout(look, busy ? SOON : LATER);
  };
  look();
  return look;
}

function show(jobs, mayChange, look) {
  const list = document.getElementById("jobs");
  const focus = document.activeElement?.dataset?.action;
  const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.dataset.job));
  list.replaceChildren(...jobs.map((job) => row(job, mayChange, look, open)));
  if (focus) list.querySelector(`[data-action="${CSS.escape(focus)}"]`)?.focus();
  document.getElementById("no-jobs").hidden = jobs.length > 0;
  tellNews(jobs);
}

function tellNews(jobs) {
  const changed = jobs.filter((job) => states.has(job.id) && states.get(job.id) !== job.state);
  jobs.forEach((job) => states.set(job.id, job.state));
  const news = changed.map((job) => t("{collection}: {state}", { collection: job.collection, state: stateWord(job.state) }));
  if (news.length) document.getElementById("jobs-news").textContent = news.join(" ");
}

function row(job, mayChange, look, open) {
  return element(
    "li",
    { class: "panel job", "data-state": job.state },
    element("div", { class: "job-head" }, element("span", {}, element("a", { class: "item", href: `/catalogue/${job.collection}` }, job.collection), " ", element("span", { class: "soft" }, `${sourceOf(job)} · ${job.owner}`)), element("strong", {}, stateWord(job.state))),
    job.progress.done === undefined ? null : bar(job),
    job.progress.done === undefined ? null : element("p", { class: "counts" }, counts(job)),
    job.progress.waiting_for && job.state === "running" ? element("p", { class: "alert" }, t("It waits: {reason}", { reason: job.progress.waiting_for })) : null,
    job.message ? element("p", { class: job.state === "done" ? "soft" : "alert" }, job.message) : null,
    failures(job, mayChange, open),
    mayChange ? buttons(job, look) : null,
  );
}

const sourceOf = (job) => job.source || t("{n} photos that were sent", { n: job.progress.total ?? job.photos });

function stateWord(state) {
  const words = { receiving: t("photos are being sent"), waiting: t("waits for its turn"), running: t("is being indexed"), done: t("indexed"), failed: t("failed"), stopped: t("stopped") };
  return words[state];
}

function bar({ progress, collection }) {
  const known = progress.total !== null && progress.total > 0;
  return element("progress", { max: known ? progress.total : 1, value: known ? progress.done : null, "aria-label": t("Photos indexed into {collection}", { collection }) });
}

function counts({ progress, state }) {
  const { done, total, skipped, failed, garments, seconds, worked } = progress;
  const parts = [total === null ? t("{done} photos", { done }) : t("{done} of {total} photos", { done, total })];
  if (garments) parts.push(t("{garments} garments", { garments }));
  if (skipped) parts.push(t("{skipped} were there already", { skipped }));
  if (failed) parts.push(t("{failed} failed", { failed }));
  const rate = seconds > 0 ? worked / seconds : 0;
  if (rate > 0) parts.push(t("{rate} a second", { rate: decimals(rate, 1) }));
  if (state === "running" && rate > 0 && total > done) parts.push(t("about {left} left", { left: clock((total - done) / rate) }));
  return parts.join(", ");
}

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function failures(job, mayChange, open) {
  const { failed, failures: listed } = job.progress;
  if (!failed) return null;
  return element(
    "details",
    { open: open.has(job.id), "data-job": job.id },
    element("summary", {}, t("Not indexed: {failed}", { failed })),
    element("ul", {}, listed.map((one) => element("li", {}, element("strong", {}, one.photo), ` ${one.reason}`))),
    mayChange ? element("a", { href: `/catalogue/jobs/${job.id}/failures.jsonl`, download: true }, t("Save all of them with the reasons")) : null,
  );
}

function buttons(job, look) {
  const act = (name, words, address, options) => {
    const press = async () => {
      await attempt(() => send(address, {}, options));
      look();
    };
    return element("button", { type: "button", "data-action": `${name} ${job.id}`, onclick: press }, words);
  };
  const at = `/api/jobs/${job.id}`;
  const made = [];
  if (["waiting", "running"].includes(job.state)) made.push(act("stop", t("Stop"), `${at}/stop`));
  if (["stopped", "failed"].includes(job.state) || (job.state === "receiving" && job.photos)) made.push(act("start", t("Start"), `${at}/start`));
  if (job.state === "receiving") made.push(act("discard", t("Discard"), at, { method: "DELETE" }));
  return element("div", { class: "row" }, made);
}
