/** Keys and buttons of the queue. */
import { onKey } from "./keys.js";
import { t } from "./words.js";

/** Let keys and buttons do these: `say(verdict, event)`, and each of the others by its name in `data-do`. */
export function control({ say, sumUp, ...actions }) {
  const keys = [
    ["1", t("Copy"), (event) => say("copy", event)],
    ["2", t("Not a copy"), (event) => say("not_copy", event)],
    ["3", t("Unsure"), (event) => say("unsure", event)],
    ["n", t("Write a note"), actions.note],
    ["z", t("Undo what was done last"), actions.undo],
    ["l", t("Later: put this card off"), actions.skip],
    ["c", t("Add to a case"), actions.add],
    ["b", t("Sum up this batch"), sumUp],
  ];
  for (const key of keys) onKey(...key);
  for (const button of document.querySelectorAll("[data-say]")) button.addEventListener("click", (event) => say(button.dataset.say, event));
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", (event) => actions[button.dataset.do](event));
}

/** Let Escape leave the field of the note; `kept()` is told when what it says has changed. */
export function controlNote(field, kept) {
  field.addEventListener("keydown", (event) => event.key === "Escape" && field.blur());
  field.addEventListener("change", kept);
}
