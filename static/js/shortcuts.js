/** Keyboard shortcuts. Inactive while the user types or a dialog is open; they can be disabled in the help dialog. */

const STORAGE_KEY = "shortcuts-off";
const SEQUENCE_MILLISECONDS = 2000;
const POSTS = ".pinned article, [data-feed] article, .thread__before article, .thread__focus article";
const EDITABLE = "input, textarea, select, [contenteditable]";

const dialog = document.querySelector("[data-shortcuts-dialog]");
let afterG = 0;

const listPosts = () => [...document.querySelectorAll(POSTS)].filter((post) => !post.querySelector("article"));
const getCurrentPost = () => document.activeElement?.closest("article");

function isDisabled() {
  // Storage may be disabled; the shortcuts work without it.
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function saveDisabled(off) {
  try {
    if (off) localStorage.setItem(STORAGE_KEY, "1");
    else localStorage.removeItem(STORAGE_KEY);
  } catch {
    return;
  }
}

function movePost(step) {
  const all = listPosts();
  const here = all.indexOf(getCurrentPost());
  const next = all[here === -1 ? findFirstVisible(all) : here + step];
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function findFirstVisible(all) {
  const index = all.findIndex((post) => post.getBoundingClientRect().bottom > 0);
  return index === -1 ? 0 : index;
}

const clickInPost = (selector) => getCurrentPost()?.querySelector(selector)?.click();

function clickLink(selector) {
  document.querySelector(selector)?.click();
}

function focusSearch(event) {
  // The slash also opens quick find in some browsers.
  event.preventDefault();
  const field = [...document.querySelectorAll("input[type=search]")].find((one) => one.checkVisibility());
  if (field) field.focus();
  else clickLink(".nav [href='/explore']");
}

export function openHelp() {
  dialog.querySelector("[data-shortcuts-on]").checked = !isDisabled();
  dialog.showModal();
}

const KEYS = {
  j: () => movePost(1),
  k: () => movePost(-1),
  o: () => clickInPost(".post__time, .notification__post"),
  l: () => clickInPost("[data-action=like]"),
  r: () => clickInPost("a[data-dialog=Reply]"),
  b: () => clickInPost("[data-action=bookmark]"),
  t: () => clickInPost("[data-action=repost]"),
  n: () => clickLink(".nav a[data-dialog]"),
  "/": focusSearch,
  "?": openHelp,
};
const AFTER_G = {
  h: ".wordmark",
  e: ".nav [href='/explore']",
  n: ".nav [href='/notifications']",
};

function isInactive(event) {
  if (isDisabled() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  return event.target.closest(EDITABLE) !== null || document.querySelector("dialog[open]") !== null;
}

function onKey(event) {
  if (isInactive(event)) return;
  const { key } = event;
  if (Date.now() - afterG < SEQUENCE_MILLISECONDS && AFTER_G[key]) {
    afterG = 0;
    clickLink(AFTER_G[key]);
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
  dialog.querySelector("[data-shortcuts-on]").addEventListener("change", ({ target }) => saveDisabled(!target.checked));
}
