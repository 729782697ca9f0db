/** Open the form behind a `[data-dialog]` link in a modal dialog. */
import { startComposers } from "./composer.js";
import { showTimes } from "./relative-time.js";

const dialog = document.querySelector("[data-compose-dialog]");
const body = dialog?.querySelector("[data-dialog-body]");
const ID_ATTRIBUTES = ["for", "aria-describedby", "aria-labelledby"];

// The page may contain the same form already, and IDs must be unique.
function renameIds(form) {
  for (const element of form.querySelectorAll("[id]")) element.id = `dialog-${element.id}`;
  for (const name of ID_ATTRIBUTES) {
    for (const element of form.querySelectorAll(`[${name}]`)) {
      const ids = element.getAttribute(name).split(/\s+/).map((id) => `dialog-${id}`);
      element.setAttribute(name, ids.join(" "));
    }
  }
}

/** Return the replied-to post, without its actions, to show above the form. */
function getRepliedPost(page) {
  const post = page.querySelector("[data-submitted] article");
  if (!post) return [];
  post.removeAttribute("id");
  post.querySelectorAll(".post__actions, .poll").forEach((part) => part.remove());
  return [post];
}

async function loadForm(address) {
  const response = await fetch(address);
  if (!response.ok) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const form = page.querySelector("[data-composer]");
  if (!form) return false;
  renameIds(form);
  body.replaceChildren(...getRepliedPost(page), form);
  showTimes(body);
  window.htmx.process(form);
  startComposers(body);
  dialog.dataset.address = address;
  return true;
}

async function openDialog(link) {
  // A form that was loaded before keeps its text, in case the dialog was closed by mistake.
  const ready = dialog.dataset.address === link.href || (await loadForm(link.href).catch(() => false));
  if (!ready) {
    location.assign(link.href);
    return;
  }
  dialog.querySelector("[data-dialog-title]").textContent = link.dataset.dialog;
  dialog.showModal();
  body.querySelector("textarea").focus();
}

function wantsNewTab(event) {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

function onClick(event) {
  const link = event.target.closest("a[data-dialog]");
  if (link && !wantsNewTab(event)) {
    event.preventDefault();
    openDialog(link);
  }
  if (event.target.closest("[data-dialog-close]")) dialog.close();
}

export function startDialogs() {
  if (!dialog) return;
  document.addEventListener("click", onClick);
  // The form after htmx added a post to the thread.
  body.addEventListener("htmx:load", ({ detail }) => {
    if (detail.elt.matches("[data-composer]:not(:has([id^=dialog-]))")) renameIds(detail.elt);
  });
}
