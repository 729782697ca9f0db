/** Find the URLs in a text as posts/text.py does. */

const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef`;
const PATH = String.raw`(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@&|?\u2013\-]|(?![${UNSPACED}])[\p{L}\p{M}\p{Nd}])`;
const URLS = new RegExp(
  String.raw`(?<![A-Za-z0-9@＠$#＃])(?<scheme>[Hh][Tt][Tt][Pp][Ss]?:\/\/)(?<host>[\p{L}\p{M}\p{N}\p{So}._\-]+)(?<port>:[0-9]{1,5})?(?<path>(?=[\/?#])(?:${PATH}|\((?:${PATH}|\(${PATH}*\))*\))*)?`,
  "gu",
);
const AFTER_URL = /[!*';:,.$%[\]~@|?]+$/u;
const TOP_LEVEL = /^(?:[\p{L}\p{M}]{2,}|[Xx][Nn]--[A-Za-z0-9-]+)$/u;
const AROUND_LABEL = /^[-_]|[-_]$/u;
const ASCII = /^\p{ASCII}*$/u;
// Signs such as ℀, which would end the host of an address where it is read.
const DIVIDER = /[/?#@:]/;
const LONGEST_LABEL = 63;
const LONGEST_HOST = 253;

const size = (text) => [...text].length;

function isLabel(label) {
  const encoded = label.slice(0, 4).toLowerCase() === "xn--";
  return label && size(label) <= LONGEST_LABEL && !AROUND_LABEL.test(label) && (!encoded || ASCII.test(label));
}

function isHost(host) {
  const labels = host.split(".");
  const top = labels.pop();
  return (
    size(host) <= LONGEST_HOST &&
    !DIVIDER.test(host.normalize("NFKC")) &&
    labels.length > 0 &&
    labels.every(isLabel) &&
    !labels.at(-1).includes("_") &&
    TOP_LEVEL.test(top)
  );
}

/** Return where each URL begins and ends. */
export function urlsIn(text) {
  const found = [];
  for (const { index, groups } of text.matchAll(URLS)) {
    const { scheme, port = "", path = "" } = groups;
    const host = groups.host.replace(/\.+$/, "");
    if (!isHost(host)) continue;
    const rest = host === groups.host ? port + path.replace(AFTER_URL, "") : "";
    found.push([index, index + scheme.length + host.length + rest.length]);
  }
  return found;
}
