// What Sphinx's search, which is loaded before this, has to be told.

// It would mark parts of words, on every page that is opened next; marking.js marks whole ones, on the page that is chosen.
const SPHINX_HIGHLIGHT_ENABLED = false;

// A page opened as a file may not fetch others: no snippets then, rather than an error for each result.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
Object.assign(Documentation.TRANSLATIONS, {
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    "No page was found.",
  "Search finished, found ${resultCount} page(s) matching the search query.": "Pages found: ${resultCount}.",
});

// In the index the titles of pages are HTML and those of sections text, and Sphinx writes both into the page as HTML.
const textOf = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;
const htmlOf = (text) => {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
};
const takeIndex = Search.setIndex;
// Those of pages stand in the index once, and are put among those of sections here.
Search.setIndex = (index) => {
  const titles = index.titles.map(textOf), alltitles = { ...index.alltitles };
  titles.forEach((title, page) => { alltitles[title] = [...(alltitles[title] || []), [page, null]]; });
  takeIndex({ ...index, titles, alltitles });
};

// What pages/search.py knows of the pages: of those below its folder each, of others by how their names begin.
let read;
const known = () => read ??= JSON.parse(document.getElementById("ek-search-data")?.textContent
  || '{"folder": "", "hits": {}, "folders": {}, "codes": {}, "synonyms": [], "asked": {}}');
const hitOf = (page) => {
  const own = page.startsWith(`${known().folder}/`) && known().hits[page.slice(known().folder.length + 1)];
  const folder = Object.keys(known().folders).find((start) => page.startsWith(start));
  const [kind, place, says, ...sites] = own || [known().folders[folder] || "", "", ""];
  return { kind, place, says, sites };
};

// The order: what a word asks for by itself, such as help, then what is asked for by code or name, then answers before what
// people said, notebooks and lists last.
const KINDS = ["Evaluation", "Pooled result", "Site", "One page for a board", "Measure", "Glossary"];
const LAST = ["Notebook", "List", "About the book", "For evaluators"];
const KIND = 5; // its place in what weigh gives
// Organisations by name: where all words, or the first of a name, are of one or two of them, their own pages are asked for.
const OWN = "Control charts", FEW = 2;
let organisations;
const named = (terms) => {
  const { docnames, titles } = Search._index;
  organisations ??= docnames.flatMap((page, at) => hitOf(page).kind === OWN ? [[page, titles[at].split(":")[0].toLowerCase().split(/[\s,()]+/)]] : []);
  const are = ([, name]) => terms.every(({ word }) => word.split(" ").every((one) => name.includes(one)));
  const found = organisations.filter((one) => are(one) && (terms.length > 1 || one[1][0] === terms[0]?.word.split(" ")[0]));
  return found.length <= FEW ? found.map(([page]) => page) : [];
};
const askedFor = (page, terms) => Math.max(0, ...terms.map(({ word }) => {
  const pages = known().asked[word] || [];
  return pages.includes(page) ? pages.length - pages.indexOf(page) : 0;
}));
const weigh = ([page, title], asked, terms, byOthers, own = []) => {
  const hit = hitOf(page), name = title.toLowerCase();
  const codes = hit.sites.map((site) => known().codes[site] || [site]).filter((some) => some.includes(asked));
  const alone = codes.some((some) => some.length === 1), measured = ["Evaluation", "Pooled result", "Site"].includes(hit.kind);
  // A word of one among many trusts is not about that trust.
  const byCode = !codes.length ? 0 : alone && hit.kind === "Site" ? 4 : measured ? 3 : alone && hit.kind !== "Notebook" ? 2 : alone ? 1 : 0;
  const titled = (named) => terms.length > 0 && terms.every(named);
  const byTitle = titled((term) => name.includes(term.word)) ? 2 : titled((term) => hasTerm(name, term)) ? 1 : 0;
  const kind = KINDS.includes(hit.kind) ? KINDS.length - KINDS.indexOf(hit.kind) : LAST.includes(hit.kind) ? -1 : 0;
  return [askedFor(page, terms), own.includes(page) ? 1 : 0, byCode, byTitle, byOthers ? 0 : 1, kind];
};

// The index holds single words: of synonyms those are looked for too, in place of the word typed.
const variantsOf = (query) => {
  const terms = termsOf(query, known().synonyms), alone = (word) => splitQuery(word).length === 1 || word === "a&e";
  let queries = [[]];
  for (const term of terms) {
    queries = queries.flatMap((words) => [term.word, ...term.others.filter(alone)].map((word) => [...words, word])).slice(0, 60);
  }
  return { terms, queries: queries.map((words) => words.join(" ")).slice(1) };
};

let spoken = []; // the terms of the last search
const search = Search._performSearch;
Search._performSearch = (query, searchTerms, excluded, highlighted, ...more) => {
  const asked = query.trim().toUpperCase(), { terms, queries } = variantsOf(query), best = new Map();
  const own = named(terms);
  const take = (results, byOthers) => {
    for (const result of results) {
      const before = best.get(result[0]);
      const order = [...weigh(result, asked, terms, byOthers, own), result[4]];
      if (!before || order.some((one, at) => one > before.order[at] && order.slice(0, at).every((other, i) => other === before.order[i]))) {
        best.set(result[0], { result, order });
      }
    }
  };
  take(search(query, searchTerms, excluded, highlighted, ...more), false);
  for (const other of queries) take(search(...Search._parseQuery(other)), true);
  // A page that is about a code, of an organisation that is called so in other words, or asked for by a word, need not name it.
  const { docnames, titles } = Search._index;
  take(docnames.map((page, at) => [page, titles[at], "", null, 0, ""])
    .filter((result) => !best.has(result[0]) && [askedFor(result[0], terms), ...weigh(result, asked, [], false, own).slice(1, 3)].some((one) => one > 0)), false);
  // Words that every page of a kind has, as a heading, tell none of them from the others.
  const ofKind = (pages) => pages.reduce((count, page) => count.set(hitOf(page).kind, (count.get(hitOf(page).kind) || 0) + 1), new Map());
  const every = ofKind(docnames), found = ofKind([...best.keys()]);
  for (const [page, { order }] of best) {
    const { kind } = hitOf(page);
    if (!order.slice(0, 3).some(Boolean) && every.get(kind) > 2 && found.get(kind) === every.get(kind)) order[KIND] = Math.min(order[KIND], 0);
  }
  spoken = terms;
  sayWhatElse(terms);
  const inOrder = [...best.values()].sort((one, other) => {
    const at = one.order.findIndex((value, place) => value !== other.order[place]);
    return at < 0 ? other.result[1].localeCompare(one.result[1], "en-GB") : one.order[at] - other.order[at];
  });
  // The last is shown first.
  return inOrder.map(({ result: [page, title, anchor, description, ...rest] }) => [
    page, htmlOf(title), anchor, description && htmlOf(description), ...rest,
  ]);
};
const sayWhatElse = (terms) => {
  const wider = terms.filter((term) => term.others.length).map((term) => `“${term.word}” also finds ${term.others.join(", ")}.`);
  const line = document.createElement("p");
  line.className = "ek-note";
  line.textContent = wider.join(" ");
  if (wider.length) Search.output.before(line);
};

// Beside each hit: what kind of page, where, which verdict.
const describe = (line) => {
  const summary = line.querySelector(".context:not(.ek-marked)");
  if (summary) {
    summary.classList.add("ek-marked");
    markTerms(summary, spoken);
  }
  const link = line.querySelector("a");
  if (!link || line.querySelector(".ek-place")) return;
  const hit = hitOf(link.getAttribute("href").replace(/#.*$/, "").replace(/\.html$/, ""));
  const words = document.createElement("p"), kind = document.createElement("strong");
  words.className = "ek-place";
  kind.textContent = hit.kind;
  words.append(kind, [hit.place, hit.says].filter(Boolean).map((part) => ` · ${part}`).join(""));
  if (hit.kind) link.after(words);
  markTerms(link, spoken);
  // The page that is opened from here marks them, and no other.
  for (const event of ["click", "auxclick"]) {
    link.addEventListener(event, () => keepToMark(link.pathname, spoken));
  }
};

// Sphinx makes the line that says how many were found when it searches; a screen reader is to hear it.
document.addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results");
  const say = () => {
    results.querySelector(".search-summary")?.setAttribute("role", "status");
    results.querySelectorAll("ul.search > li").forEach(describe);
  };
  say();
  new MutationObserver(say).observe(results, { childList: true, subtree: true });
});
