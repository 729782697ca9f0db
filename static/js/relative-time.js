/** Show relative times ("5m ago") with the exact time on hover; a date after a week. */

const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];
const MINUTE_MILLISECONDS = 60_000;
const locale = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "narrow" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
const sameYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });

export function formatRelative(moment, now = new Date()) {
  let amount = (moment - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return relative.format(Math.trunc(amount), unit);
    amount /= size;
  }
  return (moment.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(moment);
}

function showRelative(time) {
  const moment = new Date(time.dateTime);
  time.textContent = formatRelative(moment);
  time.title = exact.format(moment);
}

function showExact(time) {
  time.textContent = exact.format(new Date(time.dateTime));
}

export function showTimes(root) {
  root.querySelectorAll("time[data-relative]").forEach(showRelative);
  root.querySelectorAll("time[data-timestamp]").forEach(showExact);
}

export function startRelativeTimes() {
  showTimes(document);
  document.addEventListener("htmx:load", ({ detail }) => showTimes(detail.elt));
  setInterval(() => showTimes(document), MINUTE_MILLISECONDS);
}
