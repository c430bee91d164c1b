/** Which of the hits that are here are shown: by seller and date, as the manifest named them. */

const node = (id) => document.getElementById(id);
const FIELDS = ["seller", "date-from", "date-to"];

/** Call `typed` while a field changes, `settled` once it has. */
export function onFilter(typed, settled) {
  for (const id of FIELDS) {
    node(id).addEventListener("input", typed);
    node(id).addEventListener("change", settled);
  }
}

/** Whether any is set. */
export const filtered = () => FIELDS.some((id) => node(id).value.trim());

/** Whether a hit passes; one without a date passes no limit of dates. */
export function passes({ metadata }) {
  const [seller, from, to] = FIELDS.map((id) => node(id).value.trim().toLowerCase());
  if (seller && !String(metadata.seller ?? "").toLowerCase().includes(seller)) return false;
  const day = String(metadata.date ?? "").slice(0, 10);
  return (!from || (day && day >= from)) && (!to || (day && day <= to));
}
