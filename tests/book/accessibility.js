// What test_accessibility.py runs in a page beside axe-core, which stands before it.

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const COLOUR_RULES = ["color-contrast", "link-in-text-block"]; // all rules of axe-core 4.12 that read a colour
const LAYOUT_RULES = ["target-size", "scrollable-region-focusable"]; // all rules of axe-core 4.12 that read a size
const OF_EACH_KIND = 3;
const READ = "data-contrast-is-read";

// Text of one kind has its colour, size and weight and the same backgrounds behind it, so its contrast is the same
// everywhere on the page: reading it three times says as much as a thousand times, which takes seconds a page.
function markKindsOfText(kinds = new Map()) {
  const look = (element, behind) => {
    const style = getComputedStyle(element);
    if (style.display === "none") return;
    const layers = [behind];
    if (style.backgroundColor !== "rgba(0, 0, 0, 0)") layers.push(style.backgroundColor);
    if (style.backgroundImage !== "none") layers.push(style.backgroundImage);
    if (style.opacity !== "1") layers.push(`opacity ${style.opacity}`);
    if (style.filter !== "none") layers.push(style.filter);
    if (style.mixBlendMode !== "normal") layers.push(style.mixBlendMode);
    if (!["static", "relative"].includes(style.position)) layers.push(style.position, style.zIndex);
    const here = layers.join("/");
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const letters = texts.map((node) => node.data).join("").trim().length;
    const isField = element.matches("input, select, textarea");
    if (letters || isField) {
      const read = [isField, letters > 1]; // axe-core leaves the contrast of a single letter open
      const kind = [here, style.color, style.fontSize, style.fontWeight, style.textShadow, ...read].join("|");
      const seen = (kinds.get(kind) ?? 0) + 1;
      kinds.set(kind, seen);
      if (seen <= OF_EACH_KIND) element.setAttribute(READ, "");
    }
    for (const child of element.children) look(child, here);
  };
  document.querySelectorAll(`[${READ}]`).forEach((element) => element.removeAttribute(READ));
  look(document.documentElement, "");
  return kinds;
}

function shapes() {
  const shape = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const { visibility, opacity } = getComputedStyle(element);
    return [element.tagName, x, y, width, height, visibility, opacity].join(" ");
  };
  return [...document.querySelectorAll("*")].map(shape).join("\n");
}

async function findings(runOnly, where = document, kinds = new Map()) {
  markKindsOfText(kinds);
  const found = await axe.run(where, { runOnly, resultTypes: ["violations"], preload: false });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => {
      const [first] = one.nodes;
      return `${one.id}: ${one.nodes.length} x, such as ${first.target}: ${first.failureSummary.replace(/\s+/g, " ")}`;
    });
}

function openEverything() {
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  axe.configure({ rules: [{ id: "color-contrast", selector: `[${READ}]` }] });
}

// Every rule; keeps what the page looks like, so that its other colours need not be read by every rule again.
async function everyRule() {
  window.shapesBefore = shapes();
  return findings({ type: "tag", values: TAGS });
}

// The rules that read colours; every rule where more than colours has changed.
async function colourRules() {
  return shapes() === window.shapesBefore ? findings({ type: "rule", values: COLOUR_RULES }) : everyRule();
}

function shown() {
  const all = [...document.querySelectorAll("body *")];
  return all.filter((element) => element.checkVisibility({ visibilityProperty: true }));
}

// Once the page has heard of a new width, which opens and closes its contents.
async function openEverythingAnew() {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  openEverything();
}

// At a width at which every rule is asked elsewhere: keeps what is to be seen there.
async function keepWhatIsShown() {
  await openEverythingAnew();
  window.shownBefore = new Set(shown());
  window.kindsBefore = markKindsOfText();
}

// At another width: the rules that read sizes, that of contrast for each kind of text that was not there before, and
// every rule for what was not shown before, once for each kind of it on all pages: those `known` were looked at.
async function rulesOfWidth(known) {
  await openEverythingAnew();
  const kind = (element) => `${element.parentElement.className} > ${element.tagName}.${element.className}`;
  const others = shown().filter((element) => !window.shownBefore.has(element) && !known.includes(kind(element)));
  const rules = [...LAYOUT_RULES, "color-contrast"];
  const found = await findings({ type: "rule", values: rules }, document, window.kindsBefore);
  if (others.length) found.push(...(await findings({ type: "tag", values: TAGS }, { include: others })));
  return { findings: found, kinds: [...new Set(others.map(kind))] };
}

window.audit = { openEverything, everyRule, colourRules, keepWhatIsShown, rulesOfWidth };
