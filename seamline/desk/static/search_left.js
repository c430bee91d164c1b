/** The hit that was looked at last, so that coming back from another page goes on there. */

const LAST = "seamline-hit";

/** Keep a hit: search/garment/hit. */
export const keepHit = (address) => sessionStorage.setItem(LAST, address);

/** The place of the hit of this garment that the address names, or that was left; null where there is none. */
export function leftHit(search, garment) {
  const named = location.hash.match(/^#hit-(\d+)$/);
  if (named) return Number(named[1]) - 1;
  const [id, of, hit] = (sessionStorage.getItem(LAST) ?? "").split("/");
  return id === search && Number(of) === garment ? Number(hit) : null;
}
