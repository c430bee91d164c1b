/** Calls to the desk's own routes. What the desk refuses is thrown as a `Refused` with the desk's sentence. */
import { t } from "./words.js";

export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

const csrf = () => document.querySelector('meta[name="csrf"]').content;

/** GET, as JSON. */
export const get = (address, options = {}) => call(address, { ...options, method: "GET" });

/** A change, with a JSON body. `method` is POST where none is named. */
export function send(address, body = {}, { method = "POST", ...options } = {}) {
  const headers = { "Content-Type": "application/json" };
  return call(address, { ...options, method, body: JSON.stringify(body), headers });
}

/** A change whose body is a file, as it is. */
export function upload(address, file, options = {}) {
  return call(address, { ...options, method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
}

async function call(address, { headers = {}, ...options }) {
  let answer;
  try {
    answer = await fetch(address, { ...options, headers: { ...headers, "X-CSRF-Token": csrf(), Accept: "application/json" } });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Refused(t("The desk does not answer; nothing was saved. It is tried again when you go on."), 0);
  }
  if (answer.status === 401) {
    location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
    throw new Refused(t("Your session has ended; sign in again."), 401);
  }
  const body = answer.status === 204 ? null : await answer.json().catch(() => ({ error: t("The desk has a fault.") }));
  if (!answer.ok) throw new Refused(body?.error ?? t("The desk has a fault."), answer.status);
  return body;
}
