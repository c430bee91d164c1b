/** Dialogs that ask for one thing. */

/** Show a dialog; gives the value of the button that closed it, "" where it was left. */
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}
