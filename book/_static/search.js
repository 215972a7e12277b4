// What Sphinx's search, which is loaded before this, has to be told.

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
Search.setIndex = (index) => takeIndex({ ...index, titles: index.titles.map(textOf) });
const search = Search._performSearch;
Search._performSearch = (...asked) =>
  search(...asked).map(([page, title, anchor, description, ...rest]) => [
    page, htmlOf(title), anchor, description && htmlOf(description), ...rest,
  ]);

// Sphinx makes the line that says how many were found when it searches; a screen reader is to hear it.
document.addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results");
  const say = () => results.querySelector(".search-summary")?.setAttribute("role", "status");
  say();
  new MutationObserver(say).observe(results, { childList: true });
});
