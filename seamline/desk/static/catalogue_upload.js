/** Photos from this computer: chosen or dropped, named by item, sent one after another, then indexed. */
import { send, upload } from "./api.js";
import { attempt, tell } from "./banner.js";
import { element } from "./dom.js";
import { t } from "./words.js";

let chosen = [];

/** `collection` gives the name to index into, `started` hears of a new job, `most` bytes are taken for a photo. */
export function prepareUpload(collection, started, most) {
  const form = document.getElementById("send");
  const files = document.getElementById("files");
  const drop = document.getElementById("drop");
  files.addEventListener("change", () => {
    choose([...files.files], most);
    files.value = "";
  });
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", over);
      if (name === "drop") choose([...event.dataTransfer.files], most);
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll(form, collection(), started);
  });
}

const stem = (name) => name.replace(/\.[^.]*$/, "");
const status = (text) => (document.getElementById("send-status").textContent = text);

function choose(files, most) {
  for (const file of files) {
    const photo = { file, problem: file.size > most ? t("It is larger than {most} MB.", { most: Math.floor(most / 1e6) }) : "" };
    photo.row = row(photo);
    chosen.push(photo);
    document.getElementById("chosen").append(photo.row);
  }
  refresh();
}

function row(photo) {
  const { file } = photo;
  photo.item = element("input", { value: stem(file.name), "aria-label": t("Item that {name} shows", { name: file.name }), autocomplete: "off", spellcheck: "false" });
  photo.told = element("span", { class: "problem alert", hidden: !photo.problem }, photo.problem);
  const image = element("img", { alt: "", src: URL.createObjectURL(file) });
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  const remove = element("button", { type: "button", class: "quiet", onclick: () => forget(photo) }, "✕", element("span", { class: "hidden" }, t("Leave out {name}", { name: file.name })));
  return element("li", {}, image, element("div", {}, element("span", { class: "name" }, file.name), photo.item), remove, photo.told);
}

function forget(photo) {
  photo.row.remove();
  chosen = chosen.filter((other) => other !== photo);
  refresh();
}

function refresh() {
  const good = chosen.filter((photo) => !photo.problem).length;
  document.querySelector("#send button.main").disabled = !good;
  status(good ? t("{n} photos are ready to be sent.", { n: good }) : "");
}

async function sendAll(form, collection, started) {
  const button = form.querySelector("button.main");
  button.disabled = true;
  const job = await attempt(() => send("/api/jobs", { collection }));
  if (job && (await sendPhotos(job, form))) {
    if (await attempt(() => send(`/api/jobs/${job.id}/start`))) tell(t("The photos are being indexed into {collection}.", { collection }));
    started();
  } else if (job) {
    await attempt(() => send(`/api/jobs/${job.id}`, {}, { method: "DELETE" }));
  }
  refresh();
}

/** Whether at least one photo was taken; those that were refused stay in the list with the reason. */
async function sendPhotos(job, form) {
  const photos = chosen.filter((photo) => !photo.problem);
  let taken = 0;
  for (const [number, photo] of photos.entries()) {
    status(t("Sending photo {number} of {all} …", { number: number + 1, all: photos.length }));
    const about = { job: job.id, name: photo.file.name, item: photo.item.value, seller: form.seller.value, date: form.date.value };
    try {
      await upload(`/api/uploads?${new URLSearchParams(about)}`, photo.file);
      taken += 1;
      forget(photo);
    } catch (failure) {
      if (failure.status === undefined) throw failure;
      photo.problem = failure.message;
      photo.told.textContent = failure.message;
      photo.told.hidden = false;
    }
  }
  return taken > 0;
}
