// Metrics across all partners. The matrix: one organisation with every sentence, or a row each; the choice stands in the
// address, and the next visit opens on the reader's own place. Small charts: the month that is pointed at, in words.
(() => {
  const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  const LONG_AGO = 6;

  // The pages know of the newest month and not of today.
  for (const line of document.querySelectorAll(".ek-since")) {
    const [year, month] = line.dataset.newest.split("-").map(Number), today = new Date();
    line.hidden = (today.getFullYear() - year) * 12 + today.getMonth() + 1 - month <= LONG_AGO;
  }

  for (const drawing of document.querySelectorAll(".ek-spark")) {
    const values = drawing.dataset.values.split(" "), figure = drawing.closest("figure");
    const [year, month] = drawing.dataset.first.split("-").map(Number);
    let line;
    const say = ({ clientX }) => {
      const box = drawing.getBoundingClientRect();
      const at = Math.max(0, Math.min(values.length - 1, Math.round(((clientX - box.x) / box.width) * (values.length - 1))));
      if (!line) {
        line = document.createElement("p");
        line.className = "ek-said ek-speaks";
        figure.append(line);
      }
      const value = values[at] === "" || values[at] === "-" ? "not reported" : Number(values[at]).toLocaleString("en-GB", { maximumSignificantDigits: 3 }) + (drawing.dataset.note || "");
      line.textContent = `${MONTH.format(Date.UTC(year, month - 1 + at))}: ${value}`;
    };
    for (const kind of ["pointerdown", "pointermove"]) drawing.addEventListener(kind, say);
    drawing.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse" && line) line.textContent = "";
    });
  }

  const form = document.getElementById("ek-partners");
  if (!form) return;
  const given = JSON.parse(document.getElementById("ek-partners-data").textContent), { measures } = given;
  const [partner, region, board, status, one, all] =
    ["ek-partner", "ek-region", "ek-board", "ek-partners-status", "ek-partner-one", "ek-partners-all"].map((id) => document.getElementById(id));
  const OWN = "ek-partner";
  // Names stand in the three lists of choices, and what sentences share stands once.
  const chosenFrom = (list, at) => (at < 0 ? "" : list.options[at + 1].value);
  const said = (pieces) => pieces.map((piece) => (typeof piece === "number" ? given.parts[piece] : piece)).join("");
  const partners = given.partners.map(([code, where, icb, cells], at) => [
    code, partner.options[at + 1].textContent, chosenFrom(region, where), chosenFrom(board, icb),
    cells.map(([variation, aim, ...pieces]) => [given.icons[variation], given.icons[aim], said(pieces)]),
  ]);
  const element = (name, text = "", about = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);
    return made;
  };
  const link = (href, text) => element("a", text, { href });
  const SVG = "http://www.w3.org/2000/svg";
  const icon = (name, label) => {
    const drawing = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
    drawing.setAttribute("class", "chart-icon");
    if (label) { drawing.setAttribute("role", "img"); drawing.setAttribute("aria-label", label); } else drawing.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#${name}`);
    if (label) drawing.append(Object.assign(document.createElementNS(SVG, "title"), { textContent: label }));
    drawing.append(use);
    return drawing;
  };
  const icons = ([variation, aim], label) => [variation && icon(variation, label), aim && icon(aim, variation ? "" : label)].filter(Boolean);

  const showOne = ([code, name, where, icb, cells]) => {
    const list = element("ul", "", { class: "ek-charted" });
    cells.forEach((cell, at) => {
      const line = document.createElement("li"), words = document.createElement("div");
      words.append(link(`organisations/${code}.html#${measures[at][0]}`, measures[at][1]), ". ", cell[2], ...(measures[at][2] ? [" ", element("span", `${measures[at][2]}.`, { class: "ek-note" })] : []));
      if (cell[0] && cell[0] !== "v-common_cause") words.append(" ", link("../../methods/control-charts.html#what-to-ask-next", "What to ask next"));
      line.append(...icons(cell, ""), words);
      list.append(line);
    });
    const title = document.createElement("h2"), place = [where, icb].filter(Boolean).join(", ");
    title.append(link(`organisations/${code}.html`, name));
    one.replaceChildren(title, element("p", place || "Region not recorded", { class: "ek-note" }), list);
  };
  const showAll = (shown) => {
    const table = element("table", "", { class: "ek-table ek-partners-table" }), head = table.createTHead().insertRow();
    table.createCaption().textContent = "Each icon is one chart's last month; a dash has none. Point at one for its sentence, or choose an organisation.";
    head.append(element("th", "Organisation", { scope: "col" }));
    for (const [id, name, chance] of measures) {
      const cell = element("th", "", { scope: "col" });
      cell.append(link(`measures/${id}.html`, name));
      if (chance) cell.append(element("span", chance, { class: "ek-note" }));
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [code, name, , , cells] of shown) {
      const row = body.insertRow(), named = element("th", "", { scope: "row" });
      named.append(link(`organisations/${code}.html`, name));
      row.append(named);
      for (const cell of cells) {
        const place = row.insertCell(), drawn = icons(cell, cell[2]);
        if (drawn.length) place.append(...drawn);
        else place.append(element("span", "–", { "aria-hidden": "true", title: cell[2] }), element("span", cell[2], { class: "ek-hidden" }));
      }
    }
    all.replaceChildren(table);
  };

  const show = () => {
    const shown = partners.filter(([, , where, icb]) => (!region.value || where === region.value) && (!board.value || icb === board.value));
    for (const option of partner.options) option.hidden = Boolean(option.value) && !shown.some(([code]) => code === option.value);
    const chosen = shown.find(([code]) => code === partner.value);
    if (!chosen) partner.value = "";
    one.hidden = !chosen;
    all.hidden = Boolean(chosen);
    form.classList.toggle("ek-one-chosen", Boolean(chosen));
    if (chosen) showOne(chosen);
    else showAll(shown);
    status.textContent = chosen ? "" : `${shown.length} organisation${shown.length === 1 ? "" : "s"}. Choose yours to read its sentences.`;
  };
  const remember = () => {
    const asked = new URLSearchParams();
    for (const control of [partner, region, board]) if (control.value) asked.set(control.name, control.value);
    const query = asked.toString();
    try { history.replaceState(null, "", query ? `?${query}` : location.pathname); } catch (refused) { /* a file in some browsers */ }
    try { if (partner.value) localStorage.setItem(OWN, partner.value); else localStorage.removeItem(OWN); } catch (refused) { /* not kept */ }
  };
  const asked = new URLSearchParams(location.search);
  for (const control of [partner, region, board]) {
    const wanted = asked.get(control.name) || "";
    if ([...control.options].some(({ value }) => value === wanted)) control.value = wanted;
    control.addEventListener("change", () => { show(); remember(); });
  }
  if (![...asked].length) {
    try { partner.value = localStorage.getItem(OWN) || ""; } catch (refused) { /* not kept */ }
    if (partner.selectedIndex < 0) partner.value = "";
  }
  form.hidden = false;
  show();
})();
