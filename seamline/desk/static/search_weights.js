/** Scores of hits by their parts' similarities, as the rankings `weighted` and `partial` of the server have them. */

/** No part of any weight can be compared. */
export const NOT_COMPARABLE = -1;

/** What servers call the parts that are the garment as a whole. */
const WHOLE = ["whole", "whole_detail"];

/** Whether parts with these names are some of the garment as a whole beside others, which `partial` treats apart. */
export const besideWhole = (names) => names.some((name) => WHOLE.includes(name)) && !names.every((name) => WHOLE.includes(name));

/** The weighted mean of the similarities of a pair's parts, the weights renormalised over those that are comparable. */
export function weightedScore(parts, weights) {
  let sum = 0;
  let share = 0;
  for (let place = 0; place < parts.length; place += 1) {
    const { similarity } = parts[place];
    if (similarity === null) continue;
    sum += weights[place] * similarity;
    share += weights[place];
  }
  return share > 0 ? sum / share : NOT_COMPARABLE;
}

/**
 * The mean negative log distance of the most alike regions, the best one counting most; where there are parts of the
 * garment as a whole beside them, the log odds that either shows a copy. `versions`: what the server said of itself.
 */
export function partialScore(parts, versions) {
  const odds = copyOdds(parts, versions);
  if (!odds) return bestRegions(parts, versions.best_of);
  const most = Math.max(odds.regions, odds.whole);
  return most + Math.log1p(Math.exp(Math.min(odds.regions, odds.whole) - most));
}

/** Log odds that the regions show a copy, and that the garment as a whole does; null where no part is of the whole. */
export function copyOdds(parts, { best_of: bestOf, region_odds: regionOdds, whole_odds: wholeOdds }) {
  if (!besideWhole(parts.map(({ name }) => name))) return null;
  const whole = parts.filter(({ name }) => WHOLE.includes(name));
  const regions = bestRegions(parts.filter(({ name }) => !WHOLE.includes(name)), bestOf);
  const mean = whole.reduce((sum, { similarity }) => sum + (similarity ?? 0), 0) / whole.length;
  return { regions: logOdds(regions, regionOdds), whole: logOdds(mean, wholeOdds) };
}

const logOdds = (score, [slope, offset] = [1, 0]) => slope * score + offset;

function bestRegions(parts, bestOf) {
  const distances = parts.map(({ similarity }) => -Math.log(1.02 - Math.min(similarity ?? 0, 1))).sort((a, b) => b - a);
  const counted = distances.slice(0, bestOf);
  const weight = (place) => bestOf - place;
  const total = (bestOf * (bestOf + 1)) / 2;
  return counted.reduce((sum, distance, place) => sum + (weight(place) * distance) / total, 0);
}

/** Places of the scores, the highest first; among equals the first. */
export const bestFirst = (scores) => scores.map((_, place) => place).sort((a, b) => scores[b] - scores[a]);

/** Weights of which the largest is 1: only how they relate to each other counts. */
export function scaled(weights) {
  const most = Math.max(...weights);
  return most > 0 ? weights.map((weight) => Math.round((weight / most) * 100) / 100) : weights;
}
