/** Parts in plain sentences. */
import { copyOdds } from "./search_weights.js";
import { decimals, figure, t, term } from "./words.js";

/** Probability of a copy from which it is said what it rests on. */
const LIKELY = 0.5;

/** The names of the marks. */
export const markWord = (mark) => ({ kept: t("kept"), changed: t("changed"), absent: t("not compared") })[mark];

/** `kept`, `changed` or `absent`: whether a part was kept, was changed, or was not comparable. */
export const markOf = (part) => (part.kept === null ? "absent" : part.kept ? "kept" : "changed");

/** What a part's similarity means, with its figures. No verb agrees with the part's name, which may be plural. */
export function meaning(part) {
  const label = term(part.label);
  const named = { part: label[0].toLocaleUpperCase() + label.slice(1), ...digits(part) };
  const sentence = {
    kept: t("{part}: kept, alike as a whole (similarity {value}, threshold {threshold}). Small details, colours of trims or a patch may still differ: look.", named),
    changed: t("{part}: changed, less alike as a whole than in photos of the same garment (similarity {value}, threshold {threshold}).", named),
    absent: t("{part}: not visible in both photos, so not compared.", named),
  }[markOf(part)];
  if (part.label === part.other_label || part.kept === null) return sentence;
  return `${sentence} ${t("Compared with the other garment's {part}.", { part: term(part.other_label) })}`;
}

/** Similarity and threshold, with as many digits as tell them apart. */
function digits({ similarity, threshold }) {
  const close = similarity !== null && figure(similarity) === figure(threshold);
  const [value, least] = [similarity, threshold].map((number) => (close ? decimals(number, 4) : figure(number)));
  return { value, threshold: least };
}

/** What people should know of a pair with parts of the garment as a whole; nothing where there are none. */
export function aboutWhole({ parts, probability, versions }) {
  const odds = copyOdds(parts, versions);
  if (!odds) return "";
  const sentence = t("The parts of the whole garment have no box: they need neither landmarks nor category.");
  const decides = versions.rankings[0] === "partial" && probability !== null && probability >= LIKELY && odds.whole > odds.regions;
  return decides ? `${sentence} ${t("Here they say more for a copy than the regions do, and the probability rests on them.")}` : sentence;
}

/** All parts in one line. */
export function summary(parts) {
  const groups = [["kept", t("Kept")], ["changed", t("Changed")], ["absent", t("Not compared")]];
  return groups
    .map(([mark, word]) => [word, parts.filter((part) => markOf(part) === mark).map((part) => term(part.label))])
    .filter(([, labels]) => labels.length > 0)
    .map(([word, labels]) => `${word}: ${labels.join(", ")}.`)
    .join(" ");
}
