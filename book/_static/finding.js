// Find anything: which cards are shown follows the choices, and the choices stand in the address.
// A card fits where it has any of the choices of every family that has one, and all the words typed.
(() => {
  const form = document.getElementById("ek-find");
  if (!form) return;
  const cards = [...document.querySelectorAll("#ek-find-cards > li")];
  const facets = JSON.parse(document.getElementById("ek-find-facets").textContent);
  const texts = cards.map((card) => card.textContent.toLowerCase());
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const families = [...new Set(boxes.map((box) => box.name))];
  const words = document.getElementById("ek-find-words");
  const status = document.getElementById("ek-find-status");
  const clear = document.getElementById("ek-find-clear");
  let chosen = new Map(); // family -> keys; a key from the address that is no choice stays, and nothing has it

  const has = (index, family, keys) => (facets[index][family] || []).some((key) => keys.has(key));
  const spoken = (index, typed) => typed.every((word) => texts[index].includes(word));
  const fits = (index, typed, leftOut) => spoken(index, typed)
    && [...chosen].every(([family, keys]) => family === leftOut || has(index, family, keys));

  const nameOf = (family, key) => {
    const box = boxes.find((one) => one.name === family && one.value === key);
    return box ? box.nextElementSibling.textContent : `“${key}”`;
  };
  const headingOf = (family) => {
    const summary = boxes.find((box) => box.name === family).closest("details").querySelector("summary");
    return summary.firstChild.textContent.trim();
  };

  const show = () => {
    const typed = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    cards.forEach((card, index) => {
      card.hidden = !fits(index, typed);
      count += card.hidden ? 0 : 1;
    });
    for (const family of families) {
      const others = cards.map((_, index) => index).filter((index) => fits(index, typed, family));
      for (const box of boxes.filter((one) => one.name === family)) {
        box.checked = chosen.has(family) && chosen.get(family).has(box.value);
        const number = others.filter((index) => has(index, family, new Set([box.value]))).length;
        const label = box.closest("label");
        label.querySelector(".ek-count").textContent = number;
        label.classList.toggle("ek-none", number === 0);
      }
      const own = boxes.find((box) => box.name === family).closest("details").querySelector(".ek-chosen");
      own.textContent = chosen.has(family) ? `${chosen.get(family).size} chosen` : "";
    }
    const asked = [...chosen].map(([family, keys]) => `${headingOf(family)}: ${[...keys].map((key) => nameOf(family, key)).join(" or ")}`);
    if (typed.length) asked.push(`words: ${typed.join(" and ")}`);
    const by = asked.length ? ` ${asked.join("; and ")}.` : "";
    status.textContent = asked.length
      ? (count ? `${count} of ${cards.length} shown.${by}` : `Nothing has all of this.${by} Take a choice out to see more.`)
      : `All ${cards.length} shown.`;
    clear.hidden = !asked.length;
  };

  const address = () => {
    const asked = new URLSearchParams();
    for (const [family, keys] of chosen) for (const key of keys) asked.append(family, key);
    if (words.value.trim()) asked.set("words", words.value.trim());
    return asked.toString();
  };
  const restore = () => {
    const asked = new URLSearchParams(location.search);
    chosen = new Map(families.filter((one) => asked.has(one)).map((one) => [one, new Set(asked.getAll(one))]));
    words.value = asked.get("words") || "";
    show();
  };
  const remember = (how) => {
    const query = address();
    history[how](null, "", query ? `?${query}` : location.pathname);
    show();
  };

  form.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    chosen = new Map();
    for (const box of boxes.filter((one) => one.checked)) {
      chosen.set(box.name, (chosen.get(box.name) || new Set()).add(box.value));
    }
    remember("pushState");
  });
  // A step back undoes a choice, not a letter.
  words.addEventListener("input", () => remember("replaceState"));
  form.addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => {
    chosen = new Map();
    words.value = "";
    remember("pushState");
    words.focus();
  });
  window.addEventListener("popstate", restore);
  form.hidden = false;
  restore();
})();
