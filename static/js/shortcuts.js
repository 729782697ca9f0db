/**
 * Keys for those who read with them: to the next post and back, and what can be done with the one at hand.
 * They rest while somebody types or a dialog is open, and may be switched off in the dialog that lists them.
 */

const OFF = "shortcuts-off";
const PATIENCE_MILLISECONDS = 2000;
const POSTS = ".pinned article, [data-feed] article, .thread__before article, .thread__focus article";
const TYPING = "input, textarea, select, [contenteditable]";

const dialog = document.querySelector("[data-shortcuts-dialog]");
let afterG = 0;

const posts = () => [...document.querySelectorAll(POSTS)].filter((post) => !post.querySelector("article"));
const current = () => document.activeElement?.closest("article");

function stored() {
  // A browser may refuse to keep anything; the keys work all the same.
  try {
    return localStorage.getItem(OFF);
  } catch {
    return null;
  }
}

function store(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    return;
  }
}

function move(step) {
  const all = posts();
  const here = all.indexOf(current());
  const next = all[here === -1 ? firstInView(all) : here + step];
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function firstInView(all) {
  const index = all.findIndex((post) => post.getBoundingClientRect().bottom > 0);
  return index === -1 ? 0 : index;
}

const act = (selector) => current()?.querySelector(selector)?.click();

function follow(selector) {
  document.querySelector(selector)?.click();
}

function search(event) {
  // The browser's own "find as you type" begins with the slash as well.
  event.preventDefault();
  const field = [...document.querySelectorAll("input[type=search]")].find((one) => one.checkVisibility());
  if (field) field.focus();
  else follow(".nav [href='/explore']");
}

export function openHelp() {
  dialog.querySelector("[data-shortcuts-on]").checked = !stored();
  dialog.showModal();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => act(".post__time, .notification__post"),
  l: () => act("[data-action=like]"),
  r: () => act("a[data-dialog=Reply]"),
  b: () => act("[data-action=bookmark]"),
  t: () => act("[data-action=repost]"),
  n: () => follow(".nav a[data-dialog]"),
  "/": search,
  "?": openHelp,
};
const AFTER_G = {
  h: ".wordmark",
  e: ".nav [href='/explore']",
  n: ".nav [href='/notifications']",
};

function rests(event) {
  if (stored() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  return event.target.closest(TYPING) !== null || document.querySelector("dialog[open]") !== null;
}

function onKey(event) {
  if (rests(event)) return;
  const { key } = event;
  if (Date.now() - afterG < PATIENCE_MILLISECONDS && AFTER_G[key]) {
    afterG = 0;
    follow(AFTER_G[key]);
    return;
  }
  afterG = key === "g" ? Date.now() : 0;
  if (Object.hasOwn(KEYS, key)) KEYS[key](event);
}

export function startShortcuts() {
  if (!dialog) return;
  document.addEventListener("keydown", onKey);
  for (const opener of document.querySelectorAll("[data-shortcuts-open]")) {
    opener.hidden = false;
    opener.addEventListener("click", openHelp);
  }
  dialog.querySelector("[data-shortcuts-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-shortcuts-on]").addEventListener("change", ({ target }) => store(!target.checked));
}
