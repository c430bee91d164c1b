/** Texts in the language of the page. Every text that a script shows goes through `t`. */
import { words } from "/words.js";

const LANGUAGE = document.documentElement.lang;
const [, POINT] = (0.5).toLocaleString(LANGUAGE);

/** The translation of `text`, with `{name}` filled in from `values`. */
export function t(text, values = {}) {
  const spoken = words[text] ?? text;
  return spoken.replace(/\{(\w+)\}/g, (place, name) => (name in values ? written(values[name]) : place));
}

/** What people call a part, a landmark or a kind of garment, which servers name in English. */
export const term = (name) => t(name.replaceAll("_", " "));

/** A whole number, its thousands grouped as the language does. */
export const whole = (value) => value.toLocaleString(LANGUAGE, { maximumFractionDigits: 0 });

const written = (value) => (typeof value === "number" ? whole(value) : value);

/** A number with so many digits after the point. */
export const decimals = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]+$)/, "").replace(".", POINT);

/** A similarity with two digits, or a dash. */
export const figure = (value) => (value === null || value === undefined ? "–" : decimals(value, 2));

/** A time of this place, from one in ISO 8601. */
export const moment = (text) => new Date(text).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });

/** A probability without false certainty. */
export function percent(value) {
  if (value === null || value === undefined) return t("not stated");
  if (value >= 0.995) return t("over 99 %");
  if (value < 0.005) return t("under 1 %");
  return `${Math.round(value * 100)} %`;
}
