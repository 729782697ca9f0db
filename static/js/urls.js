/** Find the URLs in a text as common/text_entities.py does. */

const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef`;
const PATH = String.raw`(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@&|?\u2013\-]|(?![${UNSPACED}])[\p{L}\p{M}\p{Nd}])`;
const URLS = new RegExp(
  String.raw`(?<![A-Za-z0-9@＠$#＃])(?<scheme>[Hh][Tt][Tt][Pp][Ss]?:\/\/)(?<host>[\p{L}\p{M}\p{N}\p{So}._\-]+)(?<port>:[0-9]{1,5})?(?<path>(?=[\/?#])(?:${PATH}|\((?:${PATH}|\(${PATH}*\))*\))*)?`,
  "gu",
);
const AFTER_URL = /[!*';:,.$%[\]~@|?]+$/u;
// No top-level domain is of two scripts: in "example.comは" the sentence goes on.
const ASCII_TOP_LEVEL = new RegExp(String.raw`\.[A-Za-z]{2,}(?=[${UNSPACED}][^.]*$)`, "u");
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

/** Return a host without the words of a script without blanks that follow it. */
function endHost(host) {
  const top = ASCII_TOP_LEVEL.exec(host);
  return top ? host.slice(0, top.index + top[0].length) : host;
}

/** Return where each URL begins and ends. */
export function urlsIn(text) {
  const found = [];
  for (const { index, groups } of text.matchAll(URLS)) {
    const { scheme, port = "", path = "" } = groups;
    const host = endHost(groups.host.replace(/\.+$/, ""));
    if (!isHost(host)) continue;
    const rest = host === groups.host ? port + path.replace(AFTER_URL, "") : "";
    found.push([index, index + scheme.length + host.length + rest.length]);
  }
  return found;
}
