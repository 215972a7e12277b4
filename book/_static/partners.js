// Metrics across all partners. The own place: chosen from a list, kept in the address and for the next visit, one choice for
// all these pages. Small charts: a month in words.
(() => {
  const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  const LONG_AGO = 6;
  const OWN = "ek-partner";
  const byId = (id) => document.getElementById(id);
  const element = (name, text = "", about = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);
    return made;
  };
  const link = (href, text) => element("a", text, { href });

  // The pages know of the newest month and not of today.
  for (const line of document.querySelectorAll(".ek-since")) {
    const [year, month] = line.dataset.newest.split("-").map(Number), today = new Date();
    line.hidden = (today.getFullYear() - year) * 12 + today.getMonth() + 1 - month <= LONG_AGO;
  }
  if (matchMedia("screen and (max-width: 47.99rem)").matches) for (const key of document.querySelectorAll(".ek-icon-key")) key.open = false;

  for (const drawing of document.querySelectorAll(".ek-spark")) {
    const values = drawing.dataset.values.split(" ");
    const [year, month] = drawing.dataset.first.split("-").map(Number);
    const line = element("p", "", { class: "ek-said" });
    drawing.after(line);
    const says = (at) => {
      const missing = values[at] === "" || values[at] === "-";
      const value = missing ? "not reported" : Number(values[at]).toLocaleString("en-GB", { maximumSignificantDigits: 3 }) + (drawing.dataset.note || "");
      return `${MONTH.format(Date.UTC(year, month - 1 + at))}: ${value}`;
    };
    const tell = (at) => {
      line.textContent = says(at);
      line.classList.add("ek-speaks");
    };
    const rest = () => {
      line.textContent = "";
      line.classList.remove("ek-speaks");
    };
    window.evalkitSlider(line, `Months at ${drawing.closest("figure").querySelector("a").textContent}`, values.length, says, tell, rest).goTo(values.length - 1);
    for (const kind of ["pointerdown", "pointermove"]) drawing.addEventListener(kind, ({ clientX }) => {
      const box = drawing.getBoundingClientRect();
      tell(Math.max(0, Math.min(values.length - 1, Math.round(((clientX - box.x) / box.width) * (values.length - 1)))));
    });
    drawing.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse" && document.activeElement !== line) rest();
    });
  }

  const jump = document.querySelector(".ek-jump");
  if (jump) {
    const to = jump.querySelector("select");
    jump.hidden = false;
    jump.addEventListener("submit", (event) => {
      event.preventDefault();
      if (to.value) location.href = to.value;
    });
  }

  const form = byId("ek-partners");
  if (!form) return;
  const [partner, region, status, one] = ["ek-partner", "ek-region", "ek-partners-status", "ek-partner-one"].map(byId);
  const board = byId("ek-board") || element("select");
  if (!board.options.length) board.append(element("option", "", { value: "" })); // where none can be chosen
  // Names stand in the list of choices, or in what is shown of each place.
  const items = [...document.querySelectorAll("[data-place]")];
  if (partner.options.length === 1) for (const item of items) {
    const option = element("option", item.querySelector("a").textContent, { value: item.dataset.place });
    for (const name of ["region", "board"]) if (name in item.dataset) option.dataset[name] = item.dataset[name];
    partner.append(option);
  }
  const chosenFrom = (list, at) => (at === undefined ? "" : list.options[Number(at) + 1].value);
  const places = [...partner.options].slice(1).map((option) => ({
    option, code: option.value, name: option.textContent, region: chosenFrom(region, option.dataset.region), board: chosenFrom(board, option.dataset.board),
  }));

  // What a page shows of the places that are chosen; `chosen` is the one, if it is one.
  const listed = () => {
    const table = items[0]?.closest("table");
    return (shown, chosen) => {
      const codes = new Set(shown.map(({ code }) => code));
      for (const item of items) item.hidden = chosen ? item.dataset.place !== chosen.code : !codes.has(item.dataset.place) && (region.value || board.value) !== "";
      if (!table || !one) return chosen ? `${chosen.name} is shown below by itself.` : "";
      table.parentElement.hidden = one.hidden = false;
      (chosen ? table.parentElement : one).hidden = true;
      if (!chosen) return "";
      const cells = [...items.find((item) => item.dataset.place === chosen.code).cells], facts = element("dl", "", { class: "ek-facts" });
      cells.slice(1).forEach((cell, at) => {
        const fact = document.createElement("div"), says = document.createElement("dd");
        says.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
        fact.append(element("dt", table.tHead.rows[0].cells[at + 1].textContent), says);
        facts.append(fact);
      });
      const title = document.createElement("h3");
      title.append(cells[0].firstElementChild.cloneNode(true));
      one.replaceChildren(title, facts);
      return `${chosen.name} is shown below by itself.`;
    };
  };

  // In the funnel the chosen one has a ring and its name.
  const ring = (chosen) => {
    const SVG = "http://www.w3.org/2000/svg", funnel = byId("funnel"), rows = [...document.querySelectorAll('[data-of="funnel"] tbody tr')], code = (row) => row.cells[1].textContent;
    if (!funnel) return;
    funnel.querySelectorAll(".ek-own, .ek-own-name").forEach((old) => old.remove());
    const row = chosen && rows.find((one) => code(one) === chosen.code), told = byId("funnel-said");
    if (told) told.textContent = !chosen ? "" : row ? `${chosen.name}: ${row.cells[2].textContent} out of ${row.cells[3].textContent}; outside the limits: ${row.cells[4].textContent}.` : `${chosen.name} has no figure in this month.`;
    const mark = chosen && funnel.querySelector(`[data-i="${rows.findIndex((row) => code(row) === chosen.code)}"]`);
    for (const row of rows) row.classList.toggle("ek-own-row", code(row) === chosen?.code);
    if (!mark) return;
    const x = mark.getAttribute("cx") || mark.getAttribute("x"), y = Number(mark.getAttribute("cy") || Number(mark.getAttribute("y")) + 3.5);
    const circle = document.createElementNS(SVG, "circle"), name = document.createElementNS(SVG, "text");
    const toTheLeft = parseFloat(x) > 50;
    for (const [key, value] of Object.entries({ class: "ek-own", cx: x, cy: y, r: 9 })) circle.setAttribute(key, value);
    for (const [key, value] of Object.entries({ class: "ek-own-name", x, y: y < 40 ? y + 24 : y - 14, "text-anchor": toTheLeft ? "end" : "start" })) name.setAttribute(key, value);
    name.textContent = chosen.name;
    funnel.append(circle, name);
    const inside = () => {
      const box = name.getBBox(), width = funnel.clientWidth;
      if (box.width > width) return false;
      if (box.x >= 0 && box.x + box.width <= width) return true;
      name.setAttribute("x", box.x < 0 ? 0 : "100%");
      name.setAttribute("text-anchor", box.x < 0 ? "start" : "end");
      return true;
    };
    if (!inside()) inside(name.textContent = chosen.code);
  };

  const given = byId("ek-partners-data"), shows = given ? window.evalkitMatrix(JSON.parse(given.textContent), one, { element, link }) : listed();
  const show = (before = "") => {
    const shown = places.filter((place) => (!region.value || place.region === region.value) && (!board.value || place.board === board.value));
    for (const { option } of places) option.hidden = true;
    for (const { option } of shown) option.hidden = false;
    const chosen = shown.find(({ code }) => code === partner.value);
    if (!chosen) partner.value = "";
    form.classList.toggle("ek-one-chosen", Boolean(chosen));
    const answer = shows(shown, chosen);
    ring(chosen);
    const count = `${shown.length} organisation${shown.length === 1 ? "" : "s"}.`;
    const now = chosen ? answer : shown.length ? `${count} Choose yours to read it by itself.` : "No organisation is in both this region and this board: choose “All” in one of them.";
    status.textContent = [before, now].filter(Boolean).join(" ");
  };
  // To what was asked for, where it is not in sight; the status line tells it to who cannot see.
  const toAnswer = () => {
    const answer = partner.value && (one && !one.hidden ? one : items.find((item) => item.dataset.place === partner.value));
    if (answer && answer.getBoundingClientRect().top > innerHeight / 2) form.scrollIntoView({ block: "start" });
  };
  const remember = () => {
    const asked = new URLSearchParams();
    for (const control of [partner, region, board]) if (control.value) asked.set(control.name, control.value);
    const query = asked.toString();
    try { history.replaceState(null, "", query ? `?${query}` : location.pathname); } catch (refused) { /* a file in some browsers */ }
    try { if (partner.value) localStorage.setItem(OWN, partner.value); else localStorage.removeItem(OWN); } catch (refused) { /* not kept */ }
  };
  const asked = new URLSearchParams(location.search), unknown = [];
  for (const control of [region, board, partner]) {
    const wanted = (asked.get(control.name) || "").trim().slice(0, 60);
    const option = [...control.options].find(({ value }) => value.toLowerCase() === wanted.toLowerCase());
    if (option) control.value = option.value;
    else unknown.push(wanted);
    control.addEventListener("change", () => { show(); remember(); toAnswer(); });
  }
  // The organisation that is asked for leads; a region or board that it is not in gives way.
  const own = places.find(({ code }) => code === partner.value);
  if (own) {
    if (own.region !== region.value) region.value = "";
    if (own.board !== board.value) board.value = "";
  }
  let before = unknown.length ? `The address asks for ${unknown.map((one) => `“${one}”`).join(" and ")}, which is not among the choices here.` : "";
  if (![...asked.keys()].some((name) => [partner, region, board].some((control) => control.name === name))) {
    let kept = null;
    try { kept = localStorage.getItem(OWN); } catch (refused) { /* not kept */ }
    if (places.some(({ code }) => code === kept)) {
      partner.value = kept;
      before = "Opened at the organisation that you chose last; “All organisations” shows every one.";
    } else if (kept) before = "The organisation that you chose last has no chart here.";
  }
  form.hidden = false;
  show(before);
})();
