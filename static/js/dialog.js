/** Open the form behind a `[data-dialog]` link in the page's dialog; without it the link itself leads there. */
import { startComposers } from "./composer.js";

const dialog = document.querySelector("[data-compose-dialog]");
const REFERENCES = ["for", "aria-describedby", "aria-labelledby"];

// The page may hold the same form already, and an id must stay unique.
function renameIds(fragment) {
  for (const element of fragment.querySelectorAll("[id]")) element.id = `dialog-${element.id}`;
  for (const name of REFERENCES) {
    for (const element of fragment.querySelectorAll(`[${name}]`)) {
      const ids = element.getAttribute(name).split(/\s+/).map((id) => `dialog-${id}`);
      element.setAttribute(name, ids.join(" "));
    }
  }
}

async function load(address) {
  const response = await fetch(address, { headers: { "X-Requested-With": "dialog" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return response.ok ? page.querySelector("[data-composer]") : null;
}

async function open(link) {
  const form = await load(link.href).catch(() => null);
  if (!form) {
    location.assign(link.href);
    return;
  }
  renameIds(form);
  dialog.querySelector("[data-dialog-title]").textContent = link.dataset.dialog;
  dialog.querySelector("[data-dialog-body]").replaceChildren(form);
  startComposers(dialog);
  dialog.showModal();
  form.elements.text.focus();
}

function wantsNewTab(event) {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

function onClick(event) {
  const link = event.target.closest("a[data-dialog]");
  if (link && !wantsNewTab(event)) {
    event.preventDefault();
    open(link);
  }
  if (event.target.closest("[data-dialog-close]")) dialog.close();
}

export function startDialogs() {
  if (dialog) document.addEventListener("click", onClick);
}
