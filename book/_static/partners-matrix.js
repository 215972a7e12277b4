// The matrix of all partners: one organisation with every sentence, or a row each whose icons are read by pointing or by arrow
// keys. Gives a function of the places that are shown and of the one that is chosen (partners.js).
window.evalkitMatrix = (given, one, { element, link }) => {
  const { measures } = given, all = document.getElementById("ek-partners-all"), line = document.getElementById("ek-partners-said");
  const HOW = "Each icon is one chart's last month. Point at one, or go to one by Tab and from there by the arrow keys, to read its sentence here; it leads to its chart.";
  // What sentences share stands once: its place there and numbers take turns.
  const said = (pieces) => pieces.split("|").map((piece, at) => (at % 2 ? piece : given.parts[piece])).join("");
  const cellsOf = new Map(given.partners.map(([code, cells]) => [code, cells.map(([variation, aim, pieces]) =>
    ({ icons: [given.icons[variation], given.icons[aim]].filter(Boolean), 
      unread: given.icons[variation] === given.unread, special: variation && !["v-common_cause", given.unread].includes(given.icons[variation]), says: said(pieces) }))]));
  const columns = measures.map((_, at) => at).filter((at) => [...cellsOf.values()].some((cells) => cells[at].icons.length));
  const SVG = "http://www.w3.org/2000/svg";
  const icon = (name) => {
    const drawing = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
    drawing.setAttribute("class", "chart-icon");
    drawing.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#${name}`);
    drawing.append(use);
    return drawing;
  };
  const chartOf = (code, at) => `organisations/${code}.html#${measures[at][0]}`;

  const itemOf = (code, { icons, special, says }, at) => {
    const [, called, , aim, chance] = measures[at], item = document.createElement("li"), words = document.createElement("div");
    words.append(link(chartOf(code, at), called), `. ${says}`, ...(aim ? [` The target is ${aim}.`] : []));
    if (special) words.append(" ", element("span", chance, { class: "ek-note" }));
    if (special) {
      const ask = link("../../methods/control-charts.html#what-to-ask-next", "What to ask next");
      ask.append(element("span", ` about ${called}`, { class: "ek-hidden" }));
      words.append(" ", ask);
    }
    item.append(...icons.map(icon), words);
    return item;
  };
  const showOne = ({ code, name, region: where, board: icb }) => {
    const title = document.createElement("h2"), cells = cellsOf.get(code), groups = [];
    title.append(link(`organisations/${code}.html`, name));
    for (const [heading, belongs] of [
      ["A special cause in the last month", ({ special }) => special],
      ["Within what is usual", ({ icons, special, unread }) => icons.length && !special && !unread],
      ["No icon can be read", ({ unread }) => unread],
      ["Too old, too short or not reported", ({ icons }) => !icons.length],
    ]) {
      const list = element("ul", "", { class: "ek-charted" });
      cells.forEach((cell, at) => { if (belongs(cell)) list.append(itemOf(code, cell, at)); });
      if (!list.children.length) continue;
      groups.push(element("h3", heading), ...(list.querySelector(`use[href="#${given.unread}"]`) ? [element("p", given.slow, { class: "ek-note" })] : []), list);
    }
    const count = (belongs) => cells.filter(belongs).length;
    one.replaceChildren(title, element("p", [where, icb].filter(Boolean).join(", ") || "Region not recorded", { class: "ek-note" }), ...groups);
    return `${name}, below: ${count(({ special }) => special) || "no"} special cause${count(({ special }) => special) === 1 ? "" : "s"} in the last month, of ${count(({ icons }) => icons.length)} charts that are recent enough.`;
  };

  // One stop of the Tab key; arrow keys go from link to link.
  let grid = [], at = [1, 1];
  const linkAt = ([row, column]) => grid[row]?.[column];
  const goTo = (place) => {
    linkAt(at)?.setAttribute("tabindex", -1);
    at = place;
    linkAt(at).setAttribute("tabindex", 0);
  };
  const tell = (target) => {
    const to = target.closest?.("a[data-says]");
    line.textContent = to ? to.dataset.says : HOW;
    line.classList.toggle("ek-speaks", Boolean(to));
  };
  const placeOf = (target) => {
    const row = grid.findIndex((links) => links.includes(target));
    return row < 0 ? null : [row, grid[row].indexOf(target)];
  };
  all.addEventListener("focusin", ({ target }) => {
    const place = placeOf(target);
    if (place) goTo(place);
    tell(target);
  });
  all.addEventListener("pointerover", ({ target }) => tell(target));
  for (const kind of ["pointerleave", "focusout"]) all.addEventListener(kind, () => tell(all));
  all.addEventListener("keydown", (event) => {
    const place = placeOf(event.target), last = grid.length - 1;
    if (!place || event.ctrlKey || event.altKey || event.metaKey) return;
    const [row, column] = place, end = grid[row].length - 1;
    const to = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      Home: [row, 0], End: [row, end], PageUp: [Math.max(1, row - 10), column], PageDown: [Math.min(last, row + 10), column],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    linkAt(to)?.focus();
  });
  const showAll = (shown) => {
    const table = element("table", "", { class: "ek-table ek-partners-table" }), head = table.createTHead().insertRow(), body = table.createTBody();
    table.createCaption().textContent = "What the last month of each chart is";
    head.append(element("th", "Organisation", { scope: "col" }));
    grid = [[null]];
    for (const at of columns) {
      const [id, called, chance] = measures[at], cell = element("th", "", { scope: "col" }), to = link(`measures/${id}.html`, called);
      cell.append(to);
      if (chance) cell.append(element("span", chance, { class: "ek-note" }));
      head.append(cell);
      grid[0].push(to);
    }
    for (const { code, name } of shown) {
      const row = body.insertRow(), named = element("th", "", { scope: "row" }), own = link(`organisations/${code}.html`, name), links = [own];
      named.append(own);
      row.append(named);
      for (const at of columns) {
        const { icons, says } = cellsOf.get(code)[at], sentence = `${name}, ${measures[at][1]}. ${says}`;
        const to = element("a", icons.length ? "" : "–", { href: chartOf(code, at), "aria-label": sentence, "data-says": sentence });
        to.append(...icons.map(icon));
        row.insertCell().append(to);
        links.push(to);
      }
      grid.push(links);
    }
    for (const to of grid.flat()) to?.setAttribute("tabindex", -1);
    at = [1, 1];
    linkAt(at)?.setAttribute("tabindex", 0);
    tell(all);
    all.replaceChildren(table);
  };
  return (shown, chosen) => {
    for (const part of [all, line]) part.hidden = Boolean(chosen) || !shown.length || !columns.length;
    one.hidden = !chosen;
    if (chosen) return showOne(chosen);
    showAll(shown);
    return "";
  };
};
