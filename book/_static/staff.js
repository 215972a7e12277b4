// What staff said they can change: one trust chosen by its name, or those of a region. The reader's own organisation is the
// one that metrics across partners remember. Without this, the table of every trust stays.
(() => {
  const form = document.getElementById("ek-staff");
  if (!form) return;
  const OWN = "ek-partner"; // as in partners.js
  const FIGURES = document.querySelector('script[src$="figure.js"]').src;
  const given = JSON.parse(document.getElementById("ek-staff-data").textContent);
  const [trust, region, board, status, one, all] =
    ["ek-staff-trust", "ek-staff-region", "ek-staff-board", "ek-staff-status", "ek-staff-one", "ek-staff-all"].map((id) => document.getElementById(id));
  const drawings = [...document.querySelectorAll(".ek-staff-drawing")], rows = [...all.tBodies[0].rows];
  const chosenFrom = (list, at) => (at < 0 ? "" : list.options[at + 1].value);
  const trusts = given.trusts.map(([code, where, icb, group, sentences, cells, marks, links], at) => ({
    code, group, sentences, cells, marks, links, name: trust.options[at + 1].textContent, where: chosenFrom(region, where), icb: chosenFrom(board, icb), row: rows[at],
  }));
  const element = (name, text = "", about = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);
    return made;
  };

  const draw = ({ name, group, cells, marks, sentences }) => {
    const drawing = drawings[group].content.firstElementChild.cloneNode(true);
    drawing.id = "staff-chosen";
    drawing.removeAttribute("aria-hidden");
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", `Staff at ${name} who said that they can make improvements happen, by year. ${cells.map(([year, share]) => `${year}: ${share}`).join("; ")}. ${sentences[0]}`);
    const whiskers = drawing.querySelectorAll(".ek-whisker");
    marks.forEach((mark, at) => {
      if (!mark) return;
      const [share, low, high] = mark, dot = drawing.querySelector(`[data-i="${at}"]`);
      dot.setAttribute("cy", share);
      dot.setAttribute("r", 4);
      whiskers[at].setAttribute("y1", low);
      whiskers[at].setAttribute("y2", high);
    });
    return drawing;
  };
  const showOne = (chosen) => {
    const [beside, ofGroup] = given.groups[chosen.group];
    const shown = document.getElementById("ek-staff-figure").content.cloneNode(true), table = shown.querySelector("table");
    shown.querySelector(".ek-key").before(draw(chosen));
    table.dataset.of = "staff-chosen";
    table.caption.textContent += `, ${chosen.name}`;
    chosen.cells.forEach((cells, at) => {
      const row = table.tBodies[0].insertRow();
      row.append(element("th", cells[0], { scope: "row" }), ...[...cells.slice(1), ...ofGroup[at]].map((cell) => element("td", cell, { class: "ek-number" })));
    });
    const place = [chosen.where, chosen.icb].filter(Boolean).join(", ");
    const ways = element("p", "");
    chosen.links.forEach(([href, text], at) => ways.append(at ? "; " : "", element("a", text, { href })));
    one.replaceChildren(element("h2", chosen.name), element("p", place || "Region not recorded", { class: "ek-note" }), element("p", `${chosen.sentences[0]} ${beside}`), ...chosen.sentences.slice(1).map((text) => element("p", text, { class: "ek-note" })), shown, ...(chosen.links.length ? [ways] : []));
    one.append(element("script", "", { src: FIGURES })); // which makes a figure that can be pointed at of each table
  };
  const show = () => {
    const shown = trusts.filter(({ where, icb }) => (!region.value || where === region.value) && (!board.value || icb === board.value));
    trusts.forEach((each, at) => { trust.options[at + 1].hidden = each.row.hidden = !shown.includes(each); });
    const chosen = shown.find(({ code }) => code === trust.value);
    if (!chosen) trust.value = "";
    one.hidden = !chosen;
    if (chosen) showOne(chosen);
    status.textContent = chosen ? `${chosen.name}: its years are shown below.` : `${shown.length} trust${shown.length === 1 ? "" : "s"}. Choose yours to see its years.`;
  };
  const remember = () => {
    const asked = new URLSearchParams();
    for (const control of [trust, region, board]) if (control.value) asked.set(control.name, control.value);
    const query = asked.toString();
    try { history.replaceState(null, "", query ? `?${query}` : location.pathname); } catch (refused) { /* a file in some browsers */ }
    try { if (trust.value) localStorage.setItem(OWN, trust.value); else localStorage.removeItem(OWN); } catch (refused) { /* not kept */ }
  };
  const asked = new URLSearchParams(location.search);
  for (const control of [trust, region, board]) {
    const wanted = asked.get(control.name) || "";
    if ([...control.options].some(({ value }) => value === wanted)) control.value = wanted;
    control.addEventListener("change", () => {
      show();
      remember();
      if (control === trust && !one.hidden) one.scrollIntoView(); // on a phone it begins below the screen
    });
  }
  if (![...asked].length) {
    try { trust.value = localStorage.getItem(OWN) || ""; } catch (refused) { /* not kept */ }
    if (trust.selectedIndex < 0) trust.value = "";
  }
  form.hidden = false;
  show();
})();
