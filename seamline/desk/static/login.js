/** Signing in. A session that there is already is found, too: after a link from another site the browser does not show it. */
import { Refused, send } from "./api.js";

const form = document.getElementById("sign-in");
const refused = document.getElementById("refused");

/** The page that was asked for, if it is one of the desk's. */
function enter() {
  const asked = new URL(new URLSearchParams(location.search).get("to") ?? "/", location.origin);
  location.replace(asked.origin === location.origin ? asked.pathname + asked.search : "/");
}

async function enterIfKnown() {
  const answer = await fetch("/login", { redirect: "manual" });
  if (answer.type === "opaqueredirect") enter();
}

async function signIn(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  refused.hidden = true;
  button.disabled = true;
  try {
    await send("/api/sign-in", { name: form.elements.name.value, password: form.elements.password.value });
    enter();
  } catch (failure) {
    if (!(failure instanceof Refused)) throw failure;
    button.disabled = false;
    refused.textContent = failure.message;
    refused.hidden = false;
    form.elements.password.select();
    form.elements.password.focus();
  }
}

form?.addEventListener("submit", signIn);
await enterIfKnown().catch(() => {});
