/** Keys of a page: each has a name for people, and `?` lists them. */
import { element } from "./dom.js";
import { t } from "./words.js";

const known = new Map();
const named = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", " ": t("Space") };

/** Let `key` (a `KeyboardEvent.key`, or one after `Shift+`) do something wherever no text is being written. */
export function onKey(key, label, action) {
  known.set(key, { label, action });
}

/** List a key that something on the page answers to while it has the focus. */
export function listKey(name, label) {
  known.set(name, { label });
}

/** Show the list. */
export function showKeys() {
  const list = document.querySelector("#keys dl");
  const rows = [...known].map(([key, { label }]) => [element("dt", {}, element("kbd", {}, spoken(key))), element("dd", {}, label)]);
  list.replaceChildren(...rows.flat());
  document.getElementById("keys").showModal();
}

document.addEventListener("keydown", (event) => {
  const entry = (event.shiftKey && known.get(`Shift+${event.key}`)) || known.get(event.key);
  if (!entry?.action || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
  if (document.querySelector("dialog[open]") || presses(event)) return;
  event.preventDefault();
  entry.action(event);
});

const spoken = (key) => (key.startsWith("Shift+") ? `${t("Shift")} ${spoken(key.slice(6))}` : (named[key] ?? key));

/** Whether the key presses what has the focus. */
const presses = ({ key, target }) => key === " " && target.closest("button, summary, input, [role='button']") !== null;

function isWriting(target) {
  const kinds = ["checkbox", "radio", "button", "submit", "range"];
  return target.isContentEditable || target.matches("textarea, select") || (target.matches("input") && !kinds.includes(target.type));
}

onKey("?", t("Show the keys"), showKeys);
