/** The dialog that takes a pair into a case: one of the open ones, or a new one. */
import { get, send } from "./api.js";
import { attempt, tell } from "./banner.js";
import { element } from "./dom.js";
import { t } from "./words.js";

const NEW = "";

/**
 * Ask which case, and add the pair. `what` names it: { search, garment, hit } or { suspect }. Gives what the desk
 * answers, or undefined where nothing was added.
 */
export async function addToCase(what) {
  const cases = await attempt(() => get("/api/cases?open=1"));
  if (!cases) return undefined;
  const chosen = await asked(cases);
  if (!chosen) return undefined;
  const added = await attempt(() => send("/api/cases/pairs", { ...what, ...chosen }));
  if (added !== undefined) tell(t("Added to the case “{title}”.", { title: chosen.title ?? titleOf(cases, chosen.case) }));
  return added;
}

const titleOf = (cases, id) => cases.find((one) => one.id === id)?.title ?? "";

/** { case, title }, one of them null, or null where the person went back. */
function asked(cases) {
  const title = element("input", { id: "case-title", autocomplete: "off", maxlength: 200 });
  const own = element("div", { class: "field" }, element("label", { for: "case-title" }, t("Title of the new case")), title);
  const options = [...cases.map(({ id, title: name }) => choice(id, name)), choice(NEW, t("New case"))];
  const list = element("fieldset", {}, element("legend", {}, t("Case")), options);
  const buttons = element("div", { class: "row" }, element("button", { class: "main" }, t("Add")), element("button", { type: "button", "data-back": true }, t("Back")));
  const form = element("form", { method: "dialog" }, list, own, buttons);
  const dialog = element("dialog", { class: "add-to-case", "aria-labelledby": "case-heading" }, element("h2", { id: "case-heading" }, t("Add to a case")), form);
  const chosen = () => form.elements.case.value;
  const adapt = () => {
    own.hidden = chosen() !== NEW;
    title.required = !own.hidden;
  };
  options[0].querySelector("input").checked = true;
  list.addEventListener("change", adapt);
  dialog.querySelector("[data-back]").addEventListener("click", () => dialog.close());
  adapt();
  return opened(dialog, form, () => (chosen() === NEW ? { case: null, title: title.value.trim() } : { case: chosen(), title: null }));
}

function choice(id, name) {
  return element("label", { class: "choice" }, element("input", { type: "radio", name: "case", value: id }), " ", name);
}

function opened(dialog, form, answer) {
  return new Promise((resolve) => {
    let given = null;
    form.addEventListener("submit", () => (given = answer()));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(given);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
