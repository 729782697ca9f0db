/** Count what is typed into a `[data-composer]` form as the server counts it: graphemes, each URL at a fixed length. */

import { urlsIn } from "./urls.js";

// Python's blanks, which trim() of JavaScript does not quite take away.
const AROUND = /^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu;
const NEAR = 40;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function lengthOf(text, urlLength) {
  const normalised = text.replaceAll("\r\n", "\n").replace(AROUND, "");
  let rest = normalised;
  const urls = urlsIn(normalised);
  for (const [start, end] of urls.toReversed()) rest = rest.slice(0, start) + rest.slice(end);
  return urls.length * urlLength + [...graphemes.segment(rest)].length;
}

function count(composer, part) {
  const counter = part.querySelector("[data-count]");
  const { limit, urlLength } = composer.dataset;
  const left = Number(limit) - lengthOf(part.querySelector("[data-post-text]").value, Number(urlLength));
  counter.hidden = false;
  counter.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  counter.toggleAttribute("data-over-limit", left < 0);
  // Read aloud only when it begins to matter, so that a screen reader does not speak at every key.
  counter.setAttribute("aria-live", left <= NEAR ? "polite" : "off");
  return left;
}

const POLICIES = { reply_policy: "Replies", quote_policy: "Quotes" };

/** Who reads a post is seen also where the choice is folded away, and so is whatever is not as usual. */
function sayChosen(composer) {
  const place = composer.querySelector("[data-selection]");
  if (!place) return;
  const { visibility, authorship, warning, publish_at: later } = composer.elements;
  const chosen = [visibility.selectedOptions[0].label];
  for (const [name, label] of Object.entries(POLICIES)) {
    const policy = composer.elements[name];
    if (policy.selectedIndex > 0) chosen.push(`${label}: ${policy.selectedOptions[0].label}`);
  }
  if (authorship.selectedIndex > 0) chosen.push(authorship.selectedOptions[0].label);
  if (warning.value.trim()) chosen.push(warning.labels[0].firstChild.textContent.trim());
  if (later.value) chosen.push("Later");
  place.textContent = chosen.join(" · ");
}

function show(composer) {
  sayChosen(composer);
  const left = [...composer.querySelectorAll("[data-thread-part]")].map((part) => count(composer, part));
  composer.querySelector("[data-publish]").disabled = Math.min(...left) < 0;
}

function nameZone(composer) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const field = composer.querySelector("[data-time-zone-name]");
  if (!field) return;
  field.value = timeZone;
  composer.querySelector("[data-time-zone]").textContent = `By your clock (${timeZone}).`;
}

/**
 * A page that is loaded again, by itself or by Back, comes with a new key, while the browser may bring back the words of
 * before. The key of before belongs to these: the server knows a retry by it, and other words as a new post.
 */
function keepKey(composer) {
  const field = composer.querySelector("[data-publish-key]");
  if (!field) return;
  const { publishKey } = history.state ?? {};
  if (publishKey) field.value = publishKey;
  else history.replaceState({ ...history.state, publishKey: field.value }, "");
}

function start(composer) {
  nameZone(composer);
  show(composer);
}

export function startComposers(root = document) {
  if (root.matches?.("[data-composer]")) start(root);
  root.querySelectorAll("[data-composer]").forEach(start);
  if (root !== document) return;
  const [first] = document.querySelectorAll("[data-composer]");
  if (first) keepKey(first);
  document.addEventListener("htmx:load", ({ detail }) => startComposers(detail.elt));
  document.addEventListener("input", (event) => {
    const composer = event.target.closest("[data-composer]");
    if (composer) show(composer);
  });
  document.addEventListener("keydown", (event) => {
    const composer = event.target.closest("[data-composer]");
    if (composer && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      composer.requestSubmit(composer.querySelector("[data-publish]"));
    }
  });
}
