// Find anything: which cards are shown follows the choices, and the choices stand in the address.
// A card fits where it is of a chosen kind, has any of the choices of every family that has one, and all the words typed:
// on itself, in its text, in the places within, or as a synonym. Of many the first are shown, and more on request.
(() => {
  const form = document.getElementById("ek-find");
  if (!form) return;
  const AT_A_TIME = 24;
  const byId = (name) => document.getElementById(`ek-find-${name}`);
  const [words, also, status, clear, none, rest, more, all] =
    ["words", "also", "status", "clear", "none", "rest", "more", "all"].map(byId);
  const cards = [...document.querySelectorAll("#ek-find-cards > li")];
  const finding = JSON.parse(byId("data").textContent);
  const kinds = [...form.querySelectorAll(".ek-kinds button")];
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const families = [...new Set(boxes.map((box) => box.name))];
  let chosen = new Map(); // family -> keys; a key from the address that is no choice stays, and nothing has it
  let limit = AT_A_TIME;

  const small = (text) => text.toLowerCase().replaceAll("’", "'").replace(/\s+/g, " ");
  const onCard = cards.map((card) => small(card.textContent));
  const within = finding.cards.map((card) => card.sites.flatMap((site) => finding.places[site]));
  const texts = cards.map((card, index) => small([card.textContent, finding.cards[index].text, ...within[index]].join(" | ")));

  const has = (index, family, keys) => (finding.cards[index].facets[family] || []).some((key) => keys.has(key));
  const spoken = (index, terms) => terms.every((term) => hasTerm(texts[index], term));
  const chosenOf = (index, leftOut) => [...chosen].every(([family, keys]) => family === leftOut || has(index, family, keys));

  const nameOf = (family, key) => {
    const control = family === "kind" ? kinds.find((one) => one.value === key)?.firstElementChild
      : boxes.find((one) => one.name === family && one.value === key)?.nextElementSibling;
    return control ? control.textContent : `“${key}”`;
  };
  const headingOf = (family) => family === "kind" ? "Kind"
    : boxes.find((box) => box.name === family).closest("details").querySelector("summary").firstChild.textContent.trim();

  // A card that is found by a place that it does not name says which.
  const noteWhere = (card, index, terms) => {
    card.querySelector(".ek-within")?.remove();
    const unseen = terms.filter((term) => !hasTerm(onCard[index], term));
    const places = [...new Set(within[index].filter((place) => unseen.some((term) => hasTerm(small(place), term))))];
    if (!places.length) return;
    const note = document.createElement("p");
    note.className = "ek-note ek-within";
    note.textContent = `Within it: ${places.slice(0, 3).join("; ")}${places.length > 3 ? ` and ${places.length - 3} more` : ""}`;
    card.append(note);
  };

  const showChoices = (said) => {
    for (const family of ["kind", ...families]) {
      const others = said.filter((index) => chosenOf(index, family));
      const number = (key) => others.filter((index) => has(index, family, new Set([key]))).length;
      const picked = chosen.get(family) || new Set();
      if (family === "kind") {
        for (const button of kinds) {
          const count = button.value ? number(button.value) : others.length;
          button.setAttribute("aria-pressed", button.value ? picked.has(button.value) : !picked.size);
          button.querySelector(".ek-count").textContent = count;
          button.classList.toggle("ek-none", !count);
        }
        continue;
      }
      for (const box of boxes.filter((one) => one.name === family)) {
        const count = number(box.value);
        box.checked = picked.has(box.value);
        box.closest("label").querySelector(".ek-count").textContent = count;
        box.closest("label").classList.toggle("ek-none", !count);
      }
      const own = boxes.find((box) => box.name === family).closest("details").querySelector(".ek-chosen");
      own.textContent = picked.size ? `${picked.size} chosen` : "";
    }
  };

  // Trusts by name, as most of them are on no card; "nhs trust" is the name of all of them, and so of none.
  const trusts = byId("trusts"), links = [...(trusts?.querySelectorAll("li") || [])], OF_ONE_NAME = 12;
  const showTrusts = (terms) => {
    if (!trusts) return;
    const named = terms.length ? links.filter((item) => terms.every((term) => hasTerm(small(item.textContent), { ...term, others: [] }))) : [];
    trusts.hidden = !named.length || named.length > OF_ONE_NAME;
    for (const item of links) item.hidden = !named.includes(item);
  };

  // Pages that a word asks for by itself, such as where to get help.
  const asked = byId("asked"), askedPages = [...(asked?.querySelectorAll("li") || [])];
  const showAsked = (terms) => {
    for (const item of askedPages) item.hidden = !terms.some(({ word }) => item.dataset.words.split("|").includes(word));
    if (asked) asked.hidden = askedPages.every((item) => item.hidden);
  };

  const show = () => {
    const terms = termsOf(words.value, finding.synonyms);
    const said = cards.map((_, index) => index).filter((index) => spoken(index, terms));
    const found = said.filter((index) => chosenOf(index));
    // Later ones can still be found in the page, which then shows them; those that do not fit cannot.
    cards.forEach((card) => { card.hidden = true; });
    found.forEach((index, place) => {
      cards[index].hidden = place < limit ? false : "until-found";
      noteWhere(cards[index], index, terms);
    });
    const shown = Math.min(limit, found.length), left = found.length - shown;
    showChoices(said);
    showTrusts(terms);
    showAsked(terms);

    const wider = terms.filter((term) => term.others.length).map((term) => `“${term.word}” also finds ${term.others.join(", ")}.`);
    also.textContent = wider.join(" ");
    const asked = [...chosen].map(([family, keys]) => `${headingOf(family)}: ${[...keys].map((key) => nameOf(family, key)).join(" or ")}`);
    if (terms.length) asked.push(`words: ${terms.map((term) => term.word).join(" and ")}`);
    const told = asked.join("; and ");
    const by = told && ` ${told[0].toUpperCase()}${told.slice(1)}.`;
    status.textContent = !found.length
      ? `Nothing has all of this.${by} Take a choice out, or try one word fewer or another word for it.`
      : `${asked.length ? `${found.length} of ${cards.length} found` : `${cards.length} in all`}, ${left ? `the first ${shown} shown` : "all shown"}.${by}`;
    clear.hidden = !asked.length;
    none.hidden = !terms.length;
    none.querySelector("a").href = `../../search.html?${new URLSearchParams({ q: words.value.trim() })}`;
    rest.hidden = !left;
    rest.firstElementChild.textContent = `${shown} of ${found.length} shown.`;
    more.textContent = left > AT_A_TIME ? `Show ${AT_A_TIME} more` : `Show ${left} more`;
    all.textContent = `Show all ${found.length}`;
    all.hidden = left <= AT_A_TIME;
    return found;
  };

  const address = () => {
    const asked = new URLSearchParams();
    for (const [family, keys] of chosen) for (const key of keys) asked.append(family, key);
    if (words.value.trim()) asked.set("words", words.value.trim());
    if (limit > AT_A_TIME) asked.set("shown", limit === Infinity ? "all" : limit);
    return asked.toString();
  };
  const restore = () => {
    const asked = new URLSearchParams(location.search);
    chosen = new Map(["kind", ...families].filter((one) => asked.has(one)).map((one) => [one, new Set(asked.getAll(one))]));
    words.value = asked.get("words") || "";
    limit = asked.get("shown") === "all" ? Infinity : Math.max(AT_A_TIME, Math.floor(Number(asked.get("shown"))) || 0);
    show();
  };
  const remember = (how) => {
    const query = address();
    history[how](null, "", query ? `?${query}` : location.pathname);
    return show();
  };
  const choose = (how) => {
    limit = AT_A_TIME;
    remember(how);
  };
  const reveal = (upTo) => {
    const first = limit;
    limit = upTo;
    return remember("replaceState")[first]; // the first card that was not there
  };

  for (const button of kinds) {
    button.addEventListener("click", () => {
      chosen.delete("kind");
      if (button.value && button.getAttribute("aria-pressed") !== "true") chosen.set("kind", new Set([button.value]));
      choose("pushState");
    });
  }
  form.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    for (const family of families) chosen.delete(family);
    for (const box of boxes.filter((one) => one.checked)) {
      chosen.set(box.name, (chosen.get(box.name) || new Set()).add(box.value));
    }
    choose("pushState");
  });
  // A step back undoes a choice, not a letter.
  words.addEventListener("input", () => choose("replaceState"));
  form.addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => {
    chosen = new Map();
    words.value = "";
    choose("pushState");
    words.focus();
  });
  // The button goes down or away: who used it goes on with the first card that has come.
  const goOn = (upTo) => cards[reveal(upTo)]?.querySelector("a").focus();
  more.addEventListener("click", () => goOn(limit + AT_A_TIME));
  all.addEventListener("click", () => goOn(Infinity));
  for (const card of cards) card.addEventListener("beforematch", () => reveal(Infinity));
  window.addEventListener("popstate", restore);
  form.hidden = false;
  restore();
})();
