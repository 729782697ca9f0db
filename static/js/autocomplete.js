/** Complete @names and #tags in `[data-post-text]` fields: a list below the field, led by the arrow keys or the pointer. */

const BEGUN = /(?<![\p{L}\p{M}\p{Nd}_@＠#＃/&])(?<sign>[@＠#＃])(?<begun>[\p{L}\p{M}\p{Nd}_]{1,50})$/u;
const ADDRESSES = { "@": "/suggest/people", "＠": "/suggest/people", "#": "/suggest/tags", "＃": "/suggest/tags" };
const PAUSE = 150;

let field = null;
let list = null;
let timer = null;
let asked = null;

function begunIn(words) {
  return words.value.slice(0, words.selectionStart).match(BEGUN)?.groups ?? null;
}

function close() {
  clearTimeout(timer);
  asked?.abort();
  if (!list) return;
  list.remove();
  list = null;
  for (const name of ["aria-haspopup", "aria-controls", "aria-activedescendant"]) field.removeAttribute(name);
}

function optionOf({ value, label, detail }, number) {
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

function open(found) {
  close();
  if (!found.length) return;
  list = document.createElement("ul");
  list.className = "autocomplete";
  list.role = "listbox";
  list.id = "suggestions";
  list.ariaLabel = "Suggestions";
  list.append(...found.map(optionOf));
  field.after(list);
  // Over what follows: closed by a click elsewhere, it must not move what was clicked.
  list.style.insetBlockStart = `${field.offsetTop + field.offsetHeight}px`;
  // HTML lets a field of many lines be no combobox; what there is to choose from is said aloud instead.
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", list.id);
  announce(`${found.length === 1 ? "1 suggestion" : `${found.length} suggestions`}, arrow keys to choose`);
}

function announce(words) {
  const part = field.closest("[data-thread-part]");
  let status = part.querySelector("[data-announcement]");
  if (!status) {
    status = document.createElement("span");
    status.className = "visually-hidden";
    status.role = "status";
    status.dataset.announcement = "";
    part.append(status);
  }
  status.textContent = words;
}

function chosen() {
  return list.querySelector("[aria-selected=true]");
}

function choose(option) {
  const before = chosen();
  if (before) before.ariaSelected = "false";
  option.ariaSelected = "true";
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function step(by) {
  const options = [...list.children];
  const place = options.indexOf(chosen());
  choose(options[(place + by + options.length + (place < 0 && by < 0 ? 1 : 0)) % options.length]);
}

function take(option) {
  const { begun } = begunIn(field);
  const end = field.selectionStart;
  field.setRangeText(`${option.dataset.value} `, end - begun.length, end, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function ask({ sign, begun }) {
  asked = new AbortController();
  const address = `${ADDRESSES[sign]}?q=${encodeURIComponent(begun)}`;
  try {
    const response = await fetch(address, { signal: asked.signal });
    if (!response.ok) return;
    const { found } = await response.json();
    // Somebody may have gone on typing meanwhile.
    if (begunIn(field)?.begun === begun && document.activeElement === field) open(found);
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function onInput({ target }) {
  if (!target.matches("[data-post-text]")) return;
  close();
  field = target;
  const begun = begunIn(field);
  if (begun) timer = setTimeout(ask, PAUSE, begun);
}

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Enter: () => take(chosen()),
  Tab: () => take(chosen()),
  Escape: close,
};

function onKey(event) {
  if (!list || event.target !== field || !(event.key in KEYS)) return;
  const takes = event.key === "Enter" || event.key === "Tab";
  if (takes && (!chosen() || event.ctrlKey || event.metaKey || event.shiftKey)) {
    close();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  KEYS[event.key]();
}

function onPointer(event) {
  const option = list && event.target.closest(".autocomplete__option");
  if (!option) return;
  // The field keeps the focus.
  event.preventDefault();
  take(option);
}

export function startAutocomplete() {
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("mousedown", onPointer);
  document.addEventListener("focusout", ({ target }) => {
    if (target === field) close();
  });
}
