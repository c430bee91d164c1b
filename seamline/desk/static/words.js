/** Texts in the language of the page. Every text that a script shows goes through `t`. */
import { words } from "/words.js";

/** The translation of `text`, with `{name}` filled in from `values`. */
export function t(text, values = {}) {
  const spoken = words[text] ?? text;
  return spoken.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** A similarity with two digits, or a dash. */
export const figure = (value) => (value === null || value === undefined ? "–" : value.toFixed(2).replace("-0.00", "0.00"));

/** A probability without false certainty. */
export function percent(value) {
  if (value === null || value === undefined) return t("not stated");
  if (value >= 0.995) return t("over 99 %");
  if (value < 0.005) return t("under 1 %");
  return `${Math.round(value * 100)} %`;
}
