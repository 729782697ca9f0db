/** Find the URLs in a text, with the rules of common/text_entities.py. */

const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef`;
const PATH = String.raw`(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@&|?\u2013\-]|(?![${UNSPACED}])[\p{L}\p{M}\p{Nd}])`;
const URLS = new RegExp(
  String.raw`(?<![A-Za-z0-9@＠$#＃])(?<scheme>[Hh][Tt][Tt][Pp][Ss]?:\/\/)(?<host>[\p{L}\p{M}\p{N}\p{So}._\-]+)(?<port>:[0-9]{1,5})?(?<path>(?=[\/?#])(?:${PATH}|\((?:${PATH}|\(${PATH}*\))*\))*)?`,
  "gu",
);
const TRAILING_PUNCTUATION = /[!*';:,.$%[\]~@|?]+$/u;
// A top-level domain has one script: in "example.comは" it ends before は.
const ASCII_TOP_LEVEL = new RegExp(String.raw`\.[A-Za-z]{2,}(?=[${UNSPACED}][^.]*$)`, "u");
const TOP_LEVEL = /^(?:[\p{L}\p{M}]{2,}|[Xx][Nn]--[A-Za-z0-9-]+)$/u;
const AROUND_LABEL = /^[-_]|[-_]$/u;
const ASCII = /^\p{ASCII}*$/u;
// Characters such as ℀ normalise to a delimiter, which would end the host early.
const HOST_DELIMITER = /[/?#@:]/;
const MAX_LABEL_LENGTH = 63;
const MAX_HOST_LENGTH = 253;

const countCharacters = (text) => [...text].length;

function isLabel(label) {
  const isEncoded = label.slice(0, 4).toLowerCase() === "xn--";
  const isShort = countCharacters(label) <= MAX_LABEL_LENGTH;
  return label && isShort && !AROUND_LABEL.test(label) && (!isEncoded || ASCII.test(label));
}

function isHost(host) {
  const labels = host.split(".");
  const top = labels.pop();
  return (
    countCharacters(host) <= MAX_HOST_LENGTH &&
    !HOST_DELIMITER.test(host.normalize("NFKC")) &&
    labels.length > 0 &&
    labels.every(isLabel) &&
    !labels.at(-1).includes("_") &&
    TOP_LEVEL.test(top)
  );
}

/** Remove text of an unspaced script that follows the host directly. */
function trimHost(host) {
  const top = ASCII_TOP_LEVEL.exec(host);
  return top ? host.slice(0, top.index + top[0].length) : host;
}

/** Return the start and end of each URL. */
export function findUrls(text) {
  const found = [];
  for (const { index, groups } of text.matchAll(URLS)) {
    const { scheme, port = "", path = "" } = groups;
    const host = trimHost(groups.host.replace(/\.+$/, ""));
    if (!isHost(host)) continue;
    const rest = host === groups.host ? port + path.replace(TRAILING_PUNCTUATION, "") : "";
    found.push([index, index + scheme.length + host.length + rest.length]);
  }
  return found;
}
