/** Which photo is shown: a file that has no answer yet, or the photo of an answer. */
import { showWarnings } from "./search_photo_texts.js";

const node = (id) => document.getElementById(id);

/** Show a file before there is an answer. */
export function previewFile(file) {
  for (const id of ["tools", "whole", "changes", "corrected"]) node(id).hidden = true;
  node("overlay").toggleAttribute("hidden", true);
  node("said").textContent = node("hint").textContent = "";
  showWarnings([]);
  const image = node("preview");
  image.src = URL.createObjectURL(file);
  image.hidden = false;
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => (image.hidden = true);
  node("file-name").textContent = file.name;
  node("shown").hidden = false;
}

/** Show the photo of an answer, which is drawn by its overlay. */
export function showSearched(record) {
  node("overlay").toggleAttribute("hidden", false);
  node("preview").hidden = true;
  node("shown").hidden = node("tools").hidden = false;
  node("file-name").textContent = record.file_name;
  node("whole").hidden = !record.options.whole;
  node("whole").href = `/search/${record.options.whole}`;
  showWarnings(record.warnings);
}
