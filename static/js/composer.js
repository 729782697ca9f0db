/** Character counter of a `[data-composer]` form. Counts like the server: graphemes, each URL at a fixed length. */

import { findUrls } from "./urls.js";

// What Python's strip() removes; JavaScript's trim() removes less.
const SURROUNDING_BLANKS = /^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu;
const ANNOUNCE_BELOW = 40;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function getPostLength(text, urlLength) {
  const normalised = text.replaceAll("\r\n", "\n").replace(SURROUNDING_BLANKS, "");
  let rest = normalised;
  const urls = findUrls(normalised);
  for (const [start, end] of urls.toReversed()) rest = rest.slice(0, start) + rest.slice(end);
  return urls.length * urlLength + [...graphemes.segment(rest)].length;
}

function updateCounter(composer, part) {
  const counter = part.querySelector("[data-count]");
  const { limit, urlLength } = composer.dataset;
  const left = Number(limit) - getPostLength(part.querySelector("[data-post-text]").value, Number(urlLength));
  counter.hidden = false;
  counter.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  counter.toggleAttribute("data-over-limit", left < 0);
  // Announce only near the limit, so that a screen reader does not speak at every key.
  counter.setAttribute("aria-live", left <= ANNOUNCE_BELOW ? "polite" : "off");
  return left;
}

const POLICIES = { reply_policy: "Replies", quote_policy: "Quotes" };

/** Show the visibility and each option that is not the default beside the folded options. */
function updateOptionsSummary(composer) {
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

function updateComposer(composer) {
  updateOptionsSummary(composer);
  const left = [...composer.querySelectorAll("[data-thread-part]")].map((part) => updateCounter(composer, part));
  composer.querySelector("[data-publish]").disabled = Math.min(...left) < 0;
}

function showTimeZone(composer) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const field = composer.querySelector("[data-time-zone-name]");
  if (!field) return;
  field.value = timeZone;
  composer.querySelector("[data-time-zone]").textContent = `By your clock (${timeZone}).`;
}

/**
 * Restore the idempotency key after a reload or Back. The browser may restore the text as well, and the server
 * recognises a retry of it by the key; the reloaded page brings a new one.
 */
function restorePublishKey(composer) {
  const field = composer.querySelector("[data-publish-key]");
  if (!field) return;
  const { publishKey } = history.state ?? {};
  if (publishKey) field.value = publishKey;
  else history.replaceState({ ...history.state, publishKey: field.value }, "");
}

function startComposer(composer) {
  showTimeZone(composer);
  updateComposer(composer);
}

export function startComposers(root = document) {
  if (root.matches?.("[data-composer]")) startComposer(root);
  root.querySelectorAll("[data-composer]").forEach(startComposer);
  if (root !== document) return;
  const [first] = document.querySelectorAll("[data-composer]");
  if (first) restorePublishKey(first);
  document.addEventListener("htmx:load", ({ detail }) => startComposers(detail.elt));
  document.addEventListener("input", (event) => {
    const composer = event.target.closest("[data-composer]");
    if (composer) updateComposer(composer);
  });
  document.addEventListener("keydown", (event) => {
    const composer = event.target.closest("[data-composer]");
    if (composer && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      composer.requestSubmit(composer.querySelector("[data-publish]"));
    }
  });
}
