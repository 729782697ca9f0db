/** Lightbox for the images of a `[data-gallery]`. */

const dialog = document.querySelector("[data-lightbox-dialog]");
let links = [];
let current = 0;

function showImage(index) {
  current = (index + links.length) % links.length;
  const link = links[current];
  const small = link.querySelector("img:last-of-type");
  const caption = link.closest(".media-image").querySelector(".alt__panel > p")?.textContent ?? "";
  const image = dialog.querySelector("[data-lightbox-image]");
  // Show the loaded thumbnail until the full size has arrived.
  image.src = small.currentSrc || small.src;
  image.src = link.href;
  image.alt = caption || small.alt;
  dialog.querySelector("[data-lightbox-caption]").textContent = caption;
}

function openLightbox(link) {
  links = [...link.closest("[data-gallery]").querySelectorAll("[data-lightbox]")];
  dialog.toggleAttribute("data-standalone", links.length === 1);
  showImage(links.indexOf(link));
  dialog.showModal();
}

function onClick(event) {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.target.closest("a[data-lightbox]");
  if (link && isPlain) {
    event.preventDefault();
    openLightbox(link);
    return;
  }
  const step = event.target.closest("[data-lightbox-step]");
  if (step) showImage(current + Number(step.dataset.lightboxStep));
  else if (event.target.closest("[data-lightbox-close], .lightbox__figure") && !event.target.closest("figcaption")) {
    dialog.close();
  }
}

function onKey(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || links.length < 2) return;
  event.preventDefault();
  showImage(current + (dialog.matches(":dir(rtl)") ? -step : step));
}

export function startLightbox() {
  if (!dialog) return;
  document.addEventListener("click", onClick);
  dialog.addEventListener("keydown", onKey);
  // Return the focus to the image that was shown last.
  dialog.addEventListener("close", () => links[current]?.focus());
}
