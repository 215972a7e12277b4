// The book reads without this script. It remembers light or dark, opens the contents where there is room beside the
// text and what is folded where a link or print asks for it, lets the keyboard reach what scrolls sideways, and marks the
// words that led here from the search.
(() => {
  const own = document.currentScript.src;
  const root = document.documentElement;
  const modes = ["auto", "light", "dark"];
  const button = document.querySelector(".ek-theme");
  const show = (mode) => {
    root.dataset.theme = mode;
    button.querySelector("span").textContent = mode;
  };
  if (button) {
    show(modes.includes(root.dataset.theme) ? root.dataset.theme : "auto");
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = modes[(modes.indexOf(root.dataset.theme) + 1) % modes.length];
      show(next);
      // Storage is refused in some private windows and locked-down browsers; the page then just forgets.
      try { localStorage.setItem("theme", next); } catch (refused) { /* nothing to do */ }
    });
  }

  // CSS cannot open a <details>; on a phone the contents stay closed so that the answer comes first.
  const contents = document.querySelector(".ek-contents > details");
  const wide = window.matchMedia("(min-width: 62rem)");
  const fit = () => { if (contents) contents.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);

  // What is folded opens for a link that leads into it, and for print.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
    if (target) target.scrollIntoView();
  };
  const opened = [];
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("main details:not([open]):not(.ek-not-in-print)")) {
      folded.open = true;
      opened.push(folded);
    }
  });
  addEventListener("afterprint", () => { for (const folded of opened.splice(0)) folded.open = false; });

  // Tables have their own box with a name. Code and formulas get a tab stop only where they really overflow.
  window.addEventListener("load", () => {
    for (const box of document.querySelectorAll("main pre, main div.math")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
  });

  // The search keeps its words here; a reader who did not search loads nothing for it.
  let searched = null;
  try { searched = localStorage.getItem("ek-to-mark"); } catch (refused) { /* nothing is marked */ }
  if (searched && !document.getElementById("search-results")) {
    const script = document.createElement("script");
    script.src = new URL("marking.js", own).href;
    script.addEventListener("load", () => markTerms(document.querySelector("main"), takeToMark()));
    document.head.append(script);
  }
})();
