/** Autocomplete for @names and #tags in `[data-post-text]` fields, as an ARIA listbox below the field. */

const TRIGGER = /(?<![\p{L}\p{M}\p{Nd}_@＠#＃/&])(?<sign>[@＠#＃])(?<begun>[\p{L}\p{M}\p{Nd}_]{1,50})$/u;
const ENDPOINTS = { "@": "/suggest/people", "＠": "/suggest/people", "#": "/suggest/tags", "＃": "/suggest/tags" };
const DEBOUNCE_MILLISECONDS = 150;

let field = null;
let list = null;
let timer = null;
let controller = null;

function findTrigger(textarea) {
  return textarea.value.slice(0, textarea.selectionStart).match(TRIGGER)?.groups ?? null;
}

function closeList() {
  clearTimeout(timer);
  controller?.abort();
  if (!list) return;
  list.remove();
  list = null;
  for (const name of ["aria-haspopup", "aria-controls", "aria-activedescendant"]) field.removeAttribute(name);
}

function createOption({ value, label, detail }, number) {
  const option = document.createElement("li");
  option.className = "autocomplete__option";
  option.role = "option";
  option.id = `suggestion-${number}`;
  option.dataset.value = value;
  option.ariaSelected = "false";
  const name = document.createElement("bdi");
  name.textContent = label;
  const handle = document.createElement("span");
  handle.className = "text-muted";
  handle.textContent = detail;
  option.append(name, " ", handle);
  return option;
}

function openList(found) {
  closeList();
  if (!found.length) return;
  list = document.createElement("ul");
  list.className = "autocomplete";
  list.role = "listbox";
  list.id = "suggestions";
  list.ariaLabel = "Suggestions";
  list.append(...found.map(createOption));
  field.after(list);
  // Positioned over the content below, which must not move when a click on it closes the list.
  list.style.insetBlockStart = `${field.offsetTop + field.offsetHeight}px`;
  // A textarea cannot have the combobox role, so the number of suggestions is announced instead.
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", list.id);
  announce(`${found.length === 1 ? "1 suggestion" : `${found.length} suggestions`}, arrow keys to choose`);
}

function announce(text) {
  const part = field.closest("[data-thread-part]");
  let status = part.querySelector("[data-announcement]");
  if (!status) {
    status = document.createElement("span");
    status.className = "visually-hidden";
    status.role = "status";
    status.dataset.announcement = "";
    part.append(status);
  }
  status.textContent = text;
}

function getSelected() {
  return list.querySelector("[aria-selected=true]");
}

function selectOption(option) {
  const before = getSelected();
  if (before) before.ariaSelected = "false";
  option.ariaSelected = "true";
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function moveSelection(by) {
  const options = [...list.children];
  const place = options.indexOf(getSelected());
  selectOption(options[(place + by + options.length + (place < 0 && by < 0 ? 1 : 0)) % options.length]);
}

function acceptOption(option) {
  const { begun } = findTrigger(field);
  const end = field.selectionStart;
  field.setRangeText(`${option.dataset.value} `, end - begun.length, end, "end");
  closeList();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function fetchSuggestions({ sign, begun }) {
  controller = new AbortController();
  const address = `${ENDPOINTS[sign]}?q=${encodeURIComponent(begun)}`;
  try {
    const response = await fetch(address, { signal: controller.signal });
    if (!response.ok) return;
    const { found } = await response.json();
    // Ignore an outdated answer.
    if (findTrigger(field)?.begun === begun && document.activeElement === field) openList(found);
  } catch (error) {
    if (error.name !== "AbortError") closeList();
  }
}

function onInput({ target }) {
  if (!target.matches("[data-post-text]")) return;
  closeList();
  field = target;
  const begun = findTrigger(field);
  if (begun) timer = setTimeout(fetchSuggestions, DEBOUNCE_MILLISECONDS, begun);
}

const KEYS = {
  ArrowDown: () => moveSelection(1),
  ArrowUp: () => moveSelection(-1),
  Enter: () => acceptOption(getSelected()),
  Tab: () => acceptOption(getSelected()),
  Escape: closeList,
};

function onKey(event) {
  if (!list || event.target !== field || !(event.key in KEYS)) return;
  const accepts = event.key === "Enter" || event.key === "Tab";
  if (accepts && (!getSelected() || event.ctrlKey || event.metaKey || event.shiftKey)) {
    closeList();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  KEYS[event.key]();
}

function onPointer(event) {
  const option = list && event.target.closest(".autocomplete__option");
  if (!option) return;
  // Keep the focus in the field.
  event.preventDefault();
  acceptOption(option);
}

export function startAutocomplete() {
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("mousedown", onPointer);
  document.addEventListener("focusout", ({ target }) => {
    if (target === field) closeList();
  });
}
