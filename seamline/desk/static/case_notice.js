/** The notice, filled in anew from the case as it is now. */
import { get } from "./api.js";
import { attempt } from "./banner.js";

export function listenToNotice(fields, address) {
  const field = fields.find((one) => one.name === "notice");
  field.form.querySelector("[data-anew]")?.addEventListener("click", async () => {
    const draft = await attempt(() => get(`${address}/notice`));
    if (!draft) return;
    field.input.value = draft.text;
    field.changed();
    field.input.focus();
  });
}
