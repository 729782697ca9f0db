/** Upload images as soon as they are chosen, pasted or dropped. Without this script the form sends them. */

import { startImagePolling } from "./image-polling.js";

const PREVIEW_WIDTH = 288;

const getFreeSlots = (upload) => 4 - upload.querySelectorAll("[data-media-item]").length;

function showError(upload, html) {
  upload.querySelector("[data-media-errors]").innerHTML = html;
}

function createPlaceholder(name) {
  const placeholder = document.createElement("div");
  placeholder.className = "media-item";
  placeholder.dataset.mediaItem = "";
  placeholder.setAttribute("role", "group");
  placeholder.setAttribute("aria-label", name);
  const picture = Object.assign(document.createElement("div"), { className: "media-item__preview" });
  const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  progress.setAttribute("aria-label", `Sending ${name}`);
  placeholder.append(picture, progress);
  return placeholder;
}

/** Draw a preview of the file; return null if the browser cannot decode it. The server validates it. */
async function drawPreview(placeholder, file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: PREVIEW_WIDTH });
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    placeholder.querySelector(".media-item__preview")?.replaceChildren(canvas);
    return canvas;
  } catch {
    return null;
  }
}

function sendFile(upload, file, onProgress) {
  const form = new FormData();
  form.append("picture", file);
  form.append("prefix", upload.dataset.prefix);
  const request = new XMLHttpRequest();
  request.open("POST", upload.dataset.upload);
  request.setRequestHeader("X-CSRFToken", upload.closest("form").elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => resolve(request));
    request.send(form);
  });
}

function parseFragment(html) {
  return document.createRange().createContextualFragment(html);
}

async function uploadFile(upload, file) {
  const placeholder = createPlaceholder(file.name);
  upload.querySelector("[data-media-items]").append(placeholder);
  const canvasReady = drawPreview(placeholder, file);
  const progress = placeholder.querySelector("progress");
  const { status, responseText } = await sendFile(upload, file, (share) => {
    progress.value = share;
  });
  if (status !== 200) {
    placeholder.remove();
    const failed = "<p class='field__error' role='alert'>The picture did not go through. Try again in a moment.</p>";
    showError(upload, status === 422 ? responseText : failed);
    return;
  }
  const item = parseFragment(responseText).firstElementChild;
  placeholder.replaceWith(item);
  const canvas = await canvasReady;
  const state = item.querySelector(".media-item__preview");
  if (canvas) state.querySelector("p")?.replaceWith(canvas);
  updatePositions(upload);
  window.htmx?.process(item);
  startImagePolling(item);
  item.dispatchEvent(new Event("input", { bubbles: true }));
}

function uploadFiles(upload, files) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || !file.type);
  if (!pictures.length) return false;
  showError(upload, "");
  const free = getFreeSlots(upload);
  if (pictures.length > free) {
    showError(upload, "<p class='field__error' role='alert'>A post can have 4 pictures at the most.</p>");
  }
  for (const file of pictures.slice(0, Math.max(free, 0))) uploadFile(upload, file);
  return true;
}

/** Set each position field to the item's current position. */
function updatePositions(upload) {
  upload.querySelectorAll("[data-media-position]").forEach((select, index) => {
    select.value = String(index + 1);
  });
}

function moveItem(upload, select) {
  const moved = select.closest("[data-media-item]");
  const others = [...upload.querySelectorAll("[data-media-item]")].filter((picture) => picture !== moved);
  const following = others[Number(select.value) - 1];
  if (following) following.before(moved);
  else others.at(-1)?.after(moved);
  updatePositions(upload);
  select.focus();
}

function onChange({ target }) {
  const upload = target.closest("[data-media-upload]");
  if (!upload) return;
  if (target.matches("[data-media-file]")) {
    uploadFiles(upload, target.files);
    // Already uploaded: the form must not send them again.
    target.value = "";
  } else if (target.matches("[data-media-remove]")) {
    target.closest("[data-media-item]").remove();
    updatePositions(upload);
    upload.querySelector("[data-media-file]").focus();
  } else if (target.matches("[data-media-position]")) {
    moveItem(upload, target);
  }
}

/** Preview the focal point while its sliders move. */
function onInput({ target }) {
  if (target.type !== "range") return;
  const item = target.closest("[data-media-item], form");
  const picture = item.querySelector(".media-item__preview > :is(img, canvas)");
  if (!picture) return;
  const axis = target.name.endsWith("x") ? "x" : "y";
  const step = Math.round(((Number(target.value) + 1) / 2) * 10);
  picture.classList.remove(...[...picture.classList].filter((name) => name.startsWith(`focus-${axis}-`)));
  picture.classList.add(`focus-${axis}-${step}`);
}

const findUpload = (target) => target.closest?.("form")?.querySelector("[data-media-upload]");

export function startMediaUpload() {
  document.addEventListener("change", onChange);
  document.addEventListener("input", onInput);
  document.addEventListener("paste", (event) => {
    const upload = findUpload(event.target);
    const { files } = event.clipboardData;
    if (upload && files.length && uploadFiles(upload, files)) event.preventDefault();
  });
  document.addEventListener("dragover", (event) => {
    const upload = findUpload(event.target);
    if (!upload || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    upload.toggleAttribute("data-drag-over", true);
  });
  document.addEventListener("dragleave", ({ target }) => findUpload(target)?.removeAttribute("data-drag-over"));
  document.addEventListener("drop", (event) => {
    const upload = findUpload(event.target);
    if (!upload || !event.dataTransfer.files.length) return;
    event.preventDefault();
    upload.removeAttribute("data-drag-over");
    uploadFiles(upload, event.dataTransfer.files);
  });
}
