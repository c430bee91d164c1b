/** Questions of the page of a case, asked before something is done. */

/** Open the dialog of this id; whether the person goes on. */
export async function goesOn(id) {
  const dialog = document.getElementById(id);
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "go";
}
