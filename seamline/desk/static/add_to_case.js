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
  if (added !== undefined) {
    const title = chosen.title ?? titleOf(cases, chosen.case);
    tell(t("Added to the case “{title}”.", { title }), { link: { text: t("Go to the case"), href: `/cases/${added.case}` } });
  }
  return added;
}

const titleOf = (cases, id) => cases.find((one) => one.id === id)?.title ?? "";

/** { case, title }, one of them null, or null where the person went back. */
function asked(cases) {
  const options = [...cases.map(({ id, title }) => element("option", { value: id }, title)), element("option", { value: NEW }, t("New case"))];
  const which = element("select", { id: "case-which" }, options);
  const title = element("input", { id: "case-title", autocomplete: "off", maxlength: 200, pattern: ".*\\S.*" });
  const own = field(title, t("Title of the new case"));
  const adapt = () => {
    own.hidden = which.value !== NEW;
    title.required = !own.hidden;
    title.autofocus = !own.hidden;
  };
  which.addEventListener("change", () => {
    adapt();
    if (!own.hidden) title.focus();
  });
  adapt();
  const back = element("button", { type: "button", onclick: (event) => event.target.closest("dialog").close() }, t("Back"));
  const buttons = element("div", { class: "row" }, element("button", { class: "main" }, t("Add")), back);
  const form = element("form", { method: "dialog" }, field(which, t("Case")), own, buttons);
  return opened(form, () => (which.value === NEW ? { case: null, title: title.value.trim() } : { case: which.value, title: null }));
}

const field = (control, label) => element("div", { class: "field" }, element("label", { for: control.id }, label), control);

function opened(form, answer) {
  const dialog = element("dialog", { "aria-labelledby": "case-heading" }, element("h2", { id: "case-heading" }, t("Add to a case")), form);
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
