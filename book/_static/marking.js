// Marks what was searched for, on the page that was opened from the results: whole words, and never a part of one.
const TO_MARK = "ek-to-mark";
const keepToMark = (page, terms) => {
  try { localStorage.setItem(TO_MARK, JSON.stringify({ page, terms })); } catch (refused) { /* nothing is marked */ }
};
// What is kept for this page; it is given once, so that the next page and the next visit are as they were written.
const takeToMark = () => {
  try {
    const { page, terms } = JSON.parse(localStorage.getItem(TO_MARK) || "{}");
    localStorage.removeItem(TO_MARK);
    return page === location.pathname ? terms : [];
  } catch (refused) {
    return [];
  }
};

// A word that was typed marks those that begin with it, as it finds them, from their first letter to their last; short words,
// phrases and synonyms only themselves.
const LONG = 4;
const markTerms = (root, terms) => {
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const sought = terms.flatMap(({ word, others }) => [word.length >= LONG && !others.length ? `${escaped(word)}[\\p{L}\\p{N}]*` : escaped(word), ...others.map(escaped)]);
  if (!sought.length) return;
  const words = new RegExp(`(?<![\\p{L}\\p{N}])(?:${sought.sort((one, other) => other.length - one.length).join("|")})(?![\\p{L}\\p{N}])`, "giu");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("svg, script, style, button, select, textarea, mark, template")) texts.push(walker.currentNode);
  }
  for (const text of texts) {
    for (const found of [...text.data.matchAll(words)].reverse()) {
      const mark = document.createElement("mark"), rest = text.splitText(found.index);
      rest.splitText(found[0].length);
      rest.replaceWith(mark);
      mark.append(rest);
    }
  }
};
