/** Show the pictures of a `[data-gallery]` over the page; without it each `[data-lightbox]` link leads to its file. */

const dialog = document.querySelector("[data-lightbox-dialog]");
let links = [];
let current = 0;

function show(index) {
  current = (index + links.length) % links.length;
  const link = links[current];
  const small = link.querySelector("img:last-of-type");
  const words = link.closest(".media-image").querySelector(".alt__panel > p")?.textContent ?? "";
  const image = dialog.querySelector("[data-lightbox-image]");
  // What is there already is shown until the large one has come.
  image.src = small.currentSrc || small.src;
  image.src = link.href;
  image.alt = words || small.alt;
  dialog.querySelector("[data-lightbox-caption]").textContent = words;
}

function open(link) {
  links = [...link.closest("[data-gallery]").querySelectorAll("[data-lightbox]")];
  dialog.toggleAttribute("data-standalone", links.length === 1);
  show(links.indexOf(link));
  dialog.showModal();
}

function onClick(event) {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.target.closest("a[data-lightbox]");
  if (link && isPlain) {
    event.preventDefault();
    open(link);
    return;
  }
  const step = event.target.closest("[data-lightbox-step]");
  if (step) show(current + Number(step.dataset.lightboxStep));
  else if (event.target.closest("[data-lightbox-close], .lightbox__figure") && !event.target.closest("figcaption")) {
    dialog.close();
  }
}

function onKey(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || links.length < 2) return;
  event.preventDefault();
  show(current + (dialog.matches(":dir(rtl)") ? -step : step));
}

export function startLightbox() {
  if (!dialog) return;
  document.addEventListener("click", onClick);
  dialog.addEventListener("keydown", onKey);
  // What was in sight is left where it was.
  dialog.addEventListener("close", () => links[current]?.focus());
}
