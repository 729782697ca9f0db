/** Say times as people do ("5m ago"), with the exact moment on hover; older than a week they stay dates. */

const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];
const MINUTE = 60_000;
const locale = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "narrow" });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
const sameYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });

export function spoken(moment, now = new Date()) {
  let amount = (moment - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return relative.format(Math.trunc(amount), unit);
    amount /= size;
  }
  return (moment.getFullYear() === now.getFullYear() ? sameYear : otherYear).format(moment);
}

function show(time) {
  const moment = new Date(time.dateTime);
  time.textContent = spoken(moment);
  time.title = exact.format(moment);
}

function showExactly(time) {
  time.textContent = exact.format(new Date(time.dateTime));
}

export function showTimes(root) {
  root.querySelectorAll("time[data-relative]").forEach(show);
  root.querySelectorAll("time[data-timestamp]").forEach(showExactly);
}

export function startRelativeTimes() {
  showTimes(document);
  document.addEventListener("htmx:load", ({ detail }) => showTimes(detail.elt));
  setInterval(() => showTimes(document), MINUTE);
}
