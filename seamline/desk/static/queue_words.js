/** What was just done to a card, in a sentence that names its item. */
import { element } from "./dom.js";
import { t } from "./words.js";

const SENTENCES = {
  copy: (item) => t("{item}: copy. Z takes it back.", { item }),
  not_copy: (item) => t("{item}: not a copy. Z takes it back.", { item }),
  unsure: (item) => t("{item}: unsure. Z takes it back.", { item }),
  put_off: (item) => t("{item}: put off. Z takes it back.", { item }),
  taken_back: (item) => t("{item}: your verdict was taken back. Judge it once more.", { item }),
  here_again: (item) => t("{item}: no longer put off, here again.", { item }),
  gone: (item) => t("{item}: somebody else has this card now.", { item }),
  noted: (item) => t("{item}: the note is kept and saved with your verdict.", { item }),
};

/** Say near the buttons what was done to a card; `done` is one of the names above. */
export function confirm(done, card) {
  write(SENTENCES[done](card.listing));
}

/** Take the sentence away. */
export function unsay() {
  write("");
}

function write(sentence) {
  for (const line of document.querySelectorAll("[data-told]")) line.replaceChildren(element("span", {}, sentence));
}
