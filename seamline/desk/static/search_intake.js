/** Photos from wherever people have them: dropped on the page, pasted, or chosen. */

/** `take(files)` is called with photos; other things that are dropped or pasted are left alone. */
export function onPhotos(take) {
  const input = document.getElementById("files");
  input.addEventListener("change", () => {
    give([...input.files], take);
    input.value = "";
  });
  document.addEventListener("paste", (event) => give([...event.clipboardData.files], take));
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false));
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    mark(false);
    give([...event.dataTransfer.files], take);
  });
}

function give(files, take) {
  if (files.length) take(files);
}

function mark(over) {
  document.getElementById("drop").classList.toggle("over", over);
}
