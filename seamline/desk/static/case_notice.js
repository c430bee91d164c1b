/** The notice: filled in anew from the case as it is now, and put back as it was saved. */
import { get } from "./api.js";
import { attempt } from "./banner.js";
import { goesOn } from "./case_dialog.js";

export function listenToNotice(fields, address) {
  const field = fields.find((one) => one.name === "notice");
  const anew = field.form.querySelector("[data-anew]");
  if (!anew) return;
  const back = field.form.querySelector("[data-saved]");
  let filled = field.input.value;
  const adapt = () => (back.disabled = !field.saved || field.input.value === field.saved);
  const put = (text) => {
    field.input.value = text;
    field.changed();
    field.input.focus();
    adapt();
  };
  anew.addEventListener("click", async () => {
    const isOwn = ![filled, field.saved].includes(field.input.value);
    if (isOwn && !(await goesOn("refilling"))) return;
    const draft = await attempt(() => get(`${address}/notice`));
    if (!draft) return;
    filled = draft.text;
    put(draft.text);
  });
  back.addEventListener("click", () => put(field.saved));
  field.input.addEventListener("input", adapt);
  field.form.addEventListener("saved", adapt);
  adapt();
}
