/** Send pictures as they are chosen, pasted or dropped into a composer; without it they go along with its form. */

import { startImagePolling } from "./image-polling.js";

const PREVIEW_WIDTH = 288;

const roomIn = (attach) => 4 - attach.querySelectorAll("[data-media-item]").length;

function complain(attach, html) {
  attach.querySelector("[data-media-errors]").innerHTML = html;
}

function waiting(name) {
  const place = document.createElement("div");
  place.className = "media-item";
  place.dataset.mediaItem = "";
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", name);
  const picture = Object.assign(document.createElement("div"), { className: "media-item__preview" });
  const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  progress.setAttribute("aria-label", `Sending ${name}`);
  place.append(picture, progress);
  return place;
}

/** Draw the picture small where it will stand; a file that the browser cannot read is for the server to refuse. */
async function preview(place, file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: PREVIEW_WIDTH });
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    place.querySelector(".media-item__preview")?.replaceChildren(canvas);
    return canvas;
  } catch {
    return null;
  }
}

function send(attach, file, onProgress) {
  const form = new FormData();
  form.append("picture", file);
  form.append("prefix", attach.dataset.prefix);
  const request = new XMLHttpRequest();
  request.open("POST", attach.dataset.upload);
  request.setRequestHeader("X-CSRFToken", attach.closest("form").elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => resolve(request));
    request.send(form);
  });
}

function fragment(html) {
  return document.createRange().createContextualFragment(html);
}

async function add(attach, file) {
  const place = waiting(file.name);
  attach.querySelector("[data-media-items]").append(place);
  const drawn = preview(place, file);
  const progress = place.querySelector("progress");
  const { status, responseText } = await send(attach, file, (share) => {
    progress.value = share;
  });
  if (status !== 200) {
    place.remove();
    const failed = "<p class='field__error' role='alert'>The picture did not go through. Try again in a moment.</p>";
    complain(attach, status === 422 ? responseText : failed);
    return;
  }
  const attached = fragment(responseText).firstElementChild;
  place.replaceWith(attached);
  const canvas = await drawn;
  const state = attached.querySelector(".media-item__preview");
  if (canvas) state.querySelector("p")?.replaceWith(canvas);
  number(attach);
  window.htmx?.process(attached);
  startImagePolling(attached);
  attached.dispatchEvent(new Event("input", { bubbles: true }));
}

function addAll(attach, files) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || !file.type);
  if (!pictures.length) return false;
  complain(attach, "");
  const room = roomIn(attach);
  if (pictures.length > room) {
    complain(attach, "<p class='field__error' role='alert'>A post can have 4 pictures at the most.</p>");
  }
  for (const file of pictures.slice(0, Math.max(room, 0))) add(attach, file);
  return true;
}

/** Say of each picture where it stands, as its list of places would. */
function number(attach) {
  attach.querySelectorAll("[data-media-position]").forEach((place, index) => {
    place.value = String(index + 1);
  });
}

function moveTo(attach, select) {
  const moved = select.closest("[data-media-item]");
  const others = [...attach.querySelectorAll("[data-media-item]")].filter((picture) => picture !== moved);
  const following = others[Number(select.value) - 1];
  if (following) following.before(moved);
  else others.at(-1)?.after(moved);
  number(attach);
  select.focus();
}

function onChange({ target }) {
  const attach = target.closest("[data-media-upload]");
  if (!attach) return;
  if (target.matches("[data-media-file]")) {
    addAll(attach, target.files);
    // They are sent already, and must not go along once more.
    target.value = "";
  } else if (target.matches("[data-media-remove]")) {
    target.closest("[data-media-item]").remove();
    number(attach);
    attach.querySelector("[data-media-file]").focus();
  } else if (target.matches("[data-media-position]")) {
    moveTo(attach, target);
  }
}

/** Move the small picture as the sliders move. */
function onInput({ target }) {
  if (target.type !== "range") return;
  const picture = target.closest("[data-media-item], form").querySelector(".media-item__preview > :is(img, canvas)");
  if (!picture) return;
  const axis = target.name.endsWith("x") ? "x" : "y";
  const step = Math.round(((Number(target.value) + 1) / 2) * 10);
  picture.classList.remove(...[...picture.classList].filter((name) => name.startsWith(`focus-${axis}-`)));
  picture.classList.add(`focus-${axis}-${step}`);
}

const attachOf = (target) => target.closest?.("form")?.querySelector("[data-media-upload]");

export function startMediaUpload() {
  document.addEventListener("change", onChange);
  document.addEventListener("input", onInput);
  document.addEventListener("paste", (event) => {
    const attach = attachOf(event.target);
    if (attach && event.clipboardData.files.length && addAll(attach, event.clipboardData.files)) event.preventDefault();
  });
  document.addEventListener("dragover", (event) => {
    const attach = attachOf(event.target);
    if (!attach || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    attach.toggleAttribute("data-drag-over", true);
  });
  document.addEventListener("dragleave", ({ target }) => attachOf(target)?.removeAttribute("data-drag-over"));
  document.addEventListener("drop", (event) => {
    const attach = attachOf(event.target);
    if (!attach || !event.dataTransfer.files.length) return;
    event.preventDefault();
    attach.removeAttribute("data-drag-over");
    addAll(attach, event.dataTransfer.files);
  });
}
