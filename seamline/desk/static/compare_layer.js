/** One photo with its regions, which lies in a pane wherever a transform puts it. */
import { composed } from "./compare_geometry.js";
import { Regions } from "./compare_regions.js";
import { element } from "./dom.js";
import { t } from "./words.js";

const BASIS = 1600;
const ALIKE = 0.02;

export class Layer {
  /** `role`: query or hit; `told`: as of `Regions`. */
  constructor(role, told) {
    this.picture = element("div", { class: "picture" });
    this.missing = element("p", { class: "missing", hidden: true });
    this.caption = element("figcaption", {});
    this.regions = new Regions(told);
    this.root = element("figure", { class: `layer ${role}` }, this.picture, this.regions.root, this.missing, this.caption);
  }

  /** Width and height of the pane, in pixels. */
  get pane() {
    return [this.root.clientWidth, this.root.clientHeight];
  }

  /** Show a photo: its size, the address of its picture, what it is called here, what is written and what is drawn over it. */
  show({ size, address, name, caption, remark, alt, regions }) {
    this.size = size;
    this.caption.replaceChildren(element("strong", {}, element("bdi", {}, caption)), ...(remark ? [element("span", {}, remark)] : []));
    this.regions.show(regions, name);
    if (address === this.address) return;
    this.address = address;
    this.#say("");
    this.#load(address, alt);
  }

  /** Lay the photo into the pane by a transform from its own pixels. */
  place(transform) {
    this.transform = transform;
    this.regions.place(transform);
    this.#placeImage();
  }

  #load(address, alt) {
    const image = element("img", { alt, draggable: "false", decoding: "sync" });
    const [width, height] = this.#shown();
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
    image.addEventListener("load", () => this.#check(image));
    image.addEventListener("error", () => this.#miss(image, t("This photo is not where it was when it was indexed, so it cannot be shown. All else is here.")));
    this.picture.replaceChildren(image);
    image.src = address;
    this.#placeImage();
  }

  /** Boxes would lie anywhere on a photo of other proportions. */
  #check(image) {
    const off = (image.naturalWidth / image.naturalHeight) * (this.size[1] / this.size[0]) - 1;
    if (Math.abs(off) > ALIKE) this.#miss(image, t("The file that is there now has other proportions than the photo that was indexed, so it is not shown."));
  }

  #miss(image, sentence) {
    if (image !== this.picture.firstChild) return;
    image.remove();
    this.#say(sentence);
  }

  /** Why there is no photo; "" where there is one. */
  #say(sentence) {
    this.missing.textContent = sentence;
    this.missing.hidden = !sentence;
    this.root.classList.toggle("lost", sentence !== "");
  }

  #shown() {
    const share = Math.min(1, BASIS / Math.max(...this.size));
    return this.size.map((side) => side * share);
  }

  #placeImage() {
    const image = this.picture.firstChild;
    if (!image || !this.transform) return;
    const scale = this.size[0] / this.#shown()[0];
    image.style.transform = `matrix(${composed(this.transform, [scale, 0, 0, scale, 0, 0]).join(",")})`;
  }
}
