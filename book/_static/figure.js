// Figures that can be pointed at, touched and read by keyboard: each table with data-figure holds the points of the drawing
// that data-of names, and a point of the drawing is the row whose number it has. Without this, drawing and table stay.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  const ASK = "Point at the figure, or use the arrow keys here, to read its points.";
  const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const nameOf = (text) => {
    if (/^\d{4}-\d\d$/.test(text)) return MONTH.format(Date.parse(`${text}-01`));
    return /^\d{4}-\d\d-\d\d\//.test(text) ? `Week from ${DAY.format(Date.parse(text.split("/")[0]))}` : text;
  };
  const numberOf = (text) => (text ? Number(text.replace(/[,%+]/g, "").replace("−", "-")) : NaN);
  const decimals = (...texts) => Math.max(...texts.map((text) => (text.split(".")[1] || "").length));
  const written = (value, digits) => value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" }).replace("-", "−");

  const KINDS = { "time-series": "the series", points: "the figure", "event-study": "the gap to other places", funnel: "other places", histogram: "other choices", "control-chart": "the chart", bars: "the bars", classes: "the months", staff: "the survey" };

  // What a row says: of a series what was seen beside what was expected, of all others their columns in turn.
  const columns = (cells, heads) => heads.map((head, at) => (at || head !== "Place" ? `${head}: ${cells[at]}.` : `${cells[at]}.`)).join(" ");
  const SAYINGS = {
    "time-series": (cells, heads, unit) => {
      const of = (head) => cells[heads.indexOf(head)] || "";
      const seen = of("Observed"), expected = of("Expected"), said = [`${nameOf(cells[0])}: ${seen ? `${seen}${unit.startsWith("%") ? "" : " "}${unit}` : "not reported"}.`];
      if (expected) {
        const range = of("Expected, from") ? ` (${of("Expected, from")} to ${of("to")})` : "";
        const apart = numberOf(seen) - numberOf(expected);
        said.push(`Expected without the change: ${expected}${range}${Number.isNaN(apart) ? "" : `, so ${written(apart, decimals(seen, expected))}${unit.startsWith("%") ? " points" : ""}`}.`);
      }
      if (of("Left out")) said.push("Left out of the sums.");
      return said.join(" ");
    },
    points: (cells, heads, unit) => {
      const of = (head) => cells[heads.indexOf(head)] || "";
      const parts = of("Of") ? `, ${of("Counted")} of ${of("Of")}` : "", interval = of("Its own 95% interval");
      return `${nameOf(cells[0])} (${of("When")}): ${of("Observed")}${unit.startsWith("%") ? "" : ` ${unit}`}${parts}${interval ? `; its own 95% interval ${interval}` : ""}.`;
    },
    "control-chart": (cells, heads, unit) => {
      const sign = unit.startsWith("%"), special = cells.at(-1), without = cells[heads.indexOf("Season removed")];
      const said = cells[1] === "not reported" ? cells[1] : `${cells[1]}${sign ? "%" : ` ${unit}`}${without ? `, ${without}${sign ? "%" : ""} once season is removed` : ""}`;
      return `${nameOf(cells[0])}: ${said}.${special ? ` A special cause: ${special}.` : ""}`;
    },
    "event-study": (cells, heads, unit) => {
      const [, period] = heads[0].match(/^(\w+)/), [count, side] = cells[0].split(" ");
      const interval = cells[2] ? ` (95% interval ${cells[2]})` : "";
      return `${count} ${period.toLowerCase()}${count === "1" ? "" : "s"} ${side} the start: gap ${cells[1]}${unit}${interval}.`;
    },
  };

  // A line that says what is pointed at: one stop of the Tab key, and from there arrow keys go from point to point.
  const slider = (line, label, count, says, tell, rest) => {
    let place = 0;
    const goTo = (to) => {
      place = Math.max(0, Math.min(count - 1, to));
      line.setAttribute("aria-valuenow", place + 1);
      line.setAttribute("aria-valuetext", says(place));
      return place;
    };
    const about = { role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": 1, "aria-valuemax": count };
    for (const [name, value] of Object.entries(about)) line.setAttribute(name, value);
    line.addEventListener("focus", () => tell(place));
    line.addEventListener("blur", rest);
    line.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Escape") line.blur();
      if (!step) return;
      tell(goTo(place + step));
      event.preventDefault();
    });
    goTo(0);
    return { goTo };
  };
  window.evalkitSlider = slider;

  const begin = (table) => {
    const drawing = document.getElementById(table.dataset.of);
    if (!drawing || drawing.matches(".ek-touchable")) return; // a page of a notebook may load this for each figure
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
    const marks = rows.map((_, at) => drawing.querySelector(`[data-i="${at}"]`));
    const points = rows.map((_, at) => at).filter((at) => marks[at]);
    if (!points.length) return;
    const says = (at) => (SAYINGS[table.dataset.figure] || columns)(rows[at], heads, table.dataset.unit || "");

    const line = document.createElement("div");
    line.className = "ek-said";
    const after = drawing.nextElementSibling, key = after?.matches(".ek-key") ? after : null;
    const covers = key || drawing.closest(".ek-story"); // where a sentence takes the place of words that stand there
    if (key) key.append(line); else (after?.matches(".ek-along") ? after : drawing).after(line);
    const cursor = document.createElementNS(SVG, "line");
    cursor.setAttribute("class", "ek-cursor");
    cursor.setAttribute("y1", 16);
    cursor.setAttribute("y2", drawing.getAttribute("height") - 24);
    drawing.append(cursor);
    drawing.classList.add("ek-touchable");

    const expected = heads.indexOf("Expected"); // a series is read from the change on
    let shown = null;
    const tell = (place) => {
      shown?.classList.remove("ek-on");
      shown = marks[points[place]];
      shown.classList.add("ek-on");
      const x = shown.getAttribute("cx") || shown.getAttribute("x");
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
      cursor.classList.toggle("ek-here", ["time-series", "event-study", "points", "control-chart", "classes", "staff"].includes(table.dataset.figure));
      line.textContent = says(points[place]);
      line.classList.add("ek-speaks");
    };
    const rest = () => {
      shown?.classList.remove("ek-on");
      cursor.classList.remove("ek-here");
      line.classList.remove("ek-speaks");
      line.textContent = covers ? "" : ASK;
    };
    const nearest = ({ clientX, clientY }) => {
      const away = (at) => {
        const box = marks[points[at]].getBoundingClientRect();
        const right = box.x + box.width / 2 - clientX, below = ["funnel", "bars"].includes(table.dataset.figure) ? box.y + box.height / 2 - clientY : 0;
        return right * right + below * below;
      };
      return points.reduce((best, _, at) => (away(at) < away(best) ? at : best), 0);
    };
    const label = `Points of ${KINDS[table.dataset.figure]}. ${drawing.getAttribute("aria-label").split(/(?<=\.) /)[0]}`;
    const along = slider(line, label, points.length, (place) => says(points[place]), tell, rest);
    along.goTo(points.findIndex((at) => expected < 0 || rows[at][expected]));
    for (const kind of ["pointerdown", "pointermove"]) drawing.addEventListener(kind, (event) => tell(along.goTo(nearest(event))));
    drawing.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse" && document.activeElement !== line) rest();
    });
    rest();
  };
  document.querySelectorAll("table[data-figure][data-of]").forEach(begin);
})();
