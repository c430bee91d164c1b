/** What every page has: theme, language, signing out, the list of keys, and a banner while a part is away. */
import { get, send } from "./api.js";
import { attempt, clear, tell } from "./banner.js";
import { showKeys } from "./keys.js";
import { t } from "./words.js";

const THEME = "seamline-theme";
const SECONDS = 10;
let away = false;

function dress(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function switchTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  const theme = dark ? "light" : "dark";
  localStorage.setItem(THEME, theme);
  dress(theme);
}

function speak(event) {
  document.cookie = `seamline_language=${event.target.value}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
}

async function signOut() {
  await attempt(() => send("/api/sign-out"));
  location.assign("/login");
}

async function look() {
  const problem = await problemNow();
  if (problem) tell(problem, { alert: true });
  else if (away) clear();
  away = Boolean(problem);
  setTimeout(look, SECONDS * 1000);
}

async function problemNow() {
  try {
    const health = await get("/api/health");
    if (!health.store) return t("The desk's database does not answer. What was shown as saved is saved; nothing new can be.");
    if (!health.server) return t("The server of models does not answer, so nothing can be searched. Judging and cases go on.");
    return "";
  } catch (failure) {
    return failure.message;
  }
}

dress(localStorage.getItem(THEME));
document.querySelector("[data-theme-switch]").addEventListener("click", switchTheme);
document.querySelector("[data-keys-help]").addEventListener("click", showKeys);
document.querySelector("[data-sign-out]")?.addEventListener("click", signOut);
document.getElementById("language").addEventListener("change", speak);
if (document.querySelector(".frame nav")) look();
