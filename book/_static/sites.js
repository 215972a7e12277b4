// Sites like yours: the sites of the book by how many of three characteristics they share with the reader's trust.
// What is not recorded counts neither way and is said. The choice stands in the address.
(() => {
  const form = document.getElementById("ek-like");
  if (!form) return;
  const { organisations, sites } = JSON.parse(document.getElementById("ek-like-data").textContent);
  const byName = (one, other) => one.name.localeCompare(other.name, "en-GB");
  const byId = (name) => document.getElementById(`ek-like-${name}`);
  const [trust, catchment, fifth, region] = ["trust", "catchment", "fifth", "region"].map(byId);
  const codeOf = new Map(Object.entries(organisations).map(([code, one]) => [one.name.toLowerCase(), code]));
  const codes = Object.keys(organisations).sort((one, other) =>
    organisations[one].order - organisations[other].order || byName(organisations[one], organisations[other]));
  const foundBy = new Map(codes.map((code) => [code, `${organisations[code].name} ${code} ${organisations[code].where}`.toLowerCase()]));

  const MOST = 20;
  const MATCHES = 10;
  // The first limit above a site's catchment divided by the reader's gives the words.
  const RATIOS = [
    [0.18, "less than a fifth of your catchment"], [0.29, "about a quarter of your catchment"],
    [0.42, "about a third of your catchment"], [0.58, "about half your catchment"],
    [0.71, "about two thirds of your catchment"], [0.87, "about three quarters of your catchment"],
    [1.15, "about the same catchment"], [1.4, "a catchment about a quarter larger"],
    [1.75, "about one and a half times your catchment"], [2.5, "about twice your catchment"],
    [3.5, "about three times your catchment"], [Infinity, "more than three times your catchment"],
  ];

  // Each part gives its points, its words, and whether both sides are recorded.
  const inCatchment = (own, other) => {
    if (!own) return [0, null, false];
    if (!other) return [0, "catchment not recorded", false];
    const ratio = other / own;
    const points = ratio >= 0.8 && ratio <= 1.25 ? 1 : ratio >= 0.5 && ratio <= 2 ? 0.5 : 0;
    return [points, RATIOS.find(([limit]) => ratio < limit)[1], true];
  };
  const inFifth = (own, other) => {
    if (!own) return [0, null, false];
    if (!other) return [0, "deprivation not recorded", false];
    const apart = other - own;
    if (apart === 0) return [1, "same fifth of deprivation", true];
    const by = `${Math.abs(apart)} ${Math.abs(apart) === 1 ? "fifth" : "fifths"}`;
    return [Math.abs(apart) === 1 ? 0.5 : 0, `${by} ${apart < 0 ? "more" : "less"} deprived`, true];
  };
  const inRegion = (own, other) => {
    if (!own) return [0, null, false];
    if (!other) return [0, "region not recorded", false];
    return own === other ? [1, "same region", true] : [0, `other region (${other})`, true];
  };
  const compare = (own, other) => {
    const parts = [inCatchment(own.catchment, other.catchment), inFifth(own.fifth, other.fifth), inRegion(own.region, other.region)];
    return {
      points: parts.reduce((sum, [points]) => sum + points, 0),
      words: parts.map(([, words]) => words).filter(Boolean).join(", "),
      compared: parts.some(([, , compared]) => compared),
    };
  };
  // Of several organisations the one most alike stands for the site; a reader's own is more alike than any.
  const judge = (own, code, site) => {
    if (code && site.codes.includes(code)) {
      const words = site.codes.length === 1 ? "this is your own" : `your own is one of its ${site.codes.length}`;
      return { site, points: 4, words, compared: true };
    }
    if (!site.codes.length) return { site, points: -1, words: "nothing to compare: no organisation is named for this place", compared: false };
    const members = site.codes.map((one) => ({ name: organisations[one].name, ...compare(own, organisations[one]) }));
    const best = members.sort((one, other) => other.points - one.points || byName(one, other))[0];
    const compared = members.some((one) => one.compared);
    const words = members.length === 1 ? best.words
      : compared ? `of its ${members.length} organisations, ${best.name} is most like yours: ${best.words}`
      : `nothing to compare: it is recorded of none of its ${members.length} organisations`;
    return { site, points: best.points, words, compared };
  };

  const entry = ({ site, words }) => {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${site.id}.html`;
    link.textContent = site.name;
    const why = document.createElement("span");
    why.className = "ek-note";
    why.textContent = (site.synthetic ? "synthetic data; " : "") + words;
    line.append(link, " ", why);
    return line;
  };

  const given = () => ({
    catchment: Number(catchment.value.replace(/[\s,.]/g, "")) || null,
    fifth: Number(fifth.value) || null,
    region: region.value || null,
  });
  const show = (code) => {
    const own = given();
    const asked = Boolean(code || own.catchment || own.fifth || own.region);
    const said = Boolean(own.catchment || own.fifth || own.region);
    const judged = said ? sites.map((site) => judge(own, code, site)) : [];
    const found = judged.some((one) => one.compared) ? judged : [];
    const several = ({ site }) => site.codes.length > 1;
    found.sort((one, other) => several(one) - several(other) || other.points - one.points || byName(one.site, other.site));
    byId("sites").replaceChildren(...found.slice(0, MOST).map(entry));
    byId("sites").hidden = !found.length;
    byId("clear").hidden = !asked;
    byId("status").textContent = asked && !said
      ? `Nothing is recorded for ${organisations[code].name}, so nothing can be compared.`
      : asked && !found.length ? "Nothing is recorded for any site of what was chosen, so nothing can be compared."
      : asked && found.every((one) => several(one) || one.points === found[0].points) ? `Too little is recorded to say which of ${found.length} sites are most alike${found.length > MOST ? `: the first ${MOST}` : ""}, in alphabetical order.`
      : asked ? `${found.length > MOST ? `The ${MOST} most alike of ${found.length}` : found.length} sites, the most alike first${found.some(several) ? ", and after single places those of several trusts" : ""}.`
      : "Choose a place, or say one or more of the three.";
    const missing = code ? Object.entries({ catchment: "the people in its catchment", fifth: "its fifth of deprivation", region: "its region" })
      .filter(([name]) => !organisations[code][name]).map(([, words]) => words) : [];
    if (!code) return suggest();
    byId("matches").replaceChildren();
    byId("said").textContent = missing.length ? `Not recorded here: ${missing.join(", ")}. Give what you know by hand.` : "";
  };

  // Trusts that have every typed word in their name, code or town; acute trusts first.
  const matching = () => {
    const typed = trust.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    return typed.length ? codes.filter((code) => typed.every((word) => foundBy.get(code).includes(word))) : [];
  };
  const match = (code) => {
    const line = document.createElement("li"), button = document.createElement("button"), where = document.createElement("span");
    button.type = "button";
    button.textContent = organisations[code].name;
    button.addEventListener("click", () => choose(code));
    where.className = "ek-note";
    where.textContent = [organisations[code].where, organisations[code].told].filter(Boolean).join("; ");
    line.append(button, " ", where);
    return line;
  };
  const suggest = () => {
    const found = matching();
    byId("matches").replaceChildren(...found.slice(0, MATCHES).map(match));
    byId("said").textContent = !trust.value.trim() ? ""
      : !found.length ? `No organisation or town here matches “${trust.value.trim()}”. Try a shorter part of the name, or give the three by hand.`
      : found.length === 1 ? "1 match: choose it below."
      : found.length > MATCHES ? `${found.length} matches, the first ${MATCHES} below: choose one, or type more of the name.`
      : `${found.length} matches: choose one below.`;
  };
  const choose = (code) => {
    trust.value = organisations[code].name;
    fill(code);
    remember();
    trust.focus();
  };

  const known = () => codeOf.get(trust.value.trim().toLowerCase());
  const fill = (code) => {
    const one = organisations[code];
    catchment.value = one.catchment ? one.catchment.toLocaleString("en-GB") : "";
    fifth.value = one.fifth || "";
    region.value = one.region || "";
  };
  // Hand-given values stand in the address beside a trust only where they are not the trust's own.
  const remember = () => {
    const code = known(), own = given(), asked = new URLSearchParams();
    if (code) asked.set("trust", code);
    for (const [name, value] of Object.entries(own)) {
      if (value && !(code && organisations[code][name] === value)) asked.set(name, value);
    }
    const query = asked.toString();
    history.pushState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
    show(code);
  };
  const restore = () => {
    const asked = new URLSearchParams(location.search);
    const code = asked.get("trust") in organisations ? asked.get("trust") : undefined;
    trust.value = code ? organisations[code].name : "";
    if (code) fill(code); else catchment.value = fifth.value = region.value = "";
    for (const [name, field] of Object.entries({ catchment, fifth, region })) {
      if (asked.has(name)) field.value = asked.get(name);
    }
    show(code);
  };

  trust.addEventListener("input", suggest);
  trust.addEventListener("change", () => {
    if (known()) fill(known());
    if (known() || !trust.value.trim()) remember();
  });
  trust.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || known()) return;
    event.preventDefault(); // or it would press the button that comes to be focused
    const found = matching();
    if (found.length === 1) choose(found[0]);
    else byId("matches").querySelector("button")?.focus();
  });
  for (const field of [catchment, fifth, region]) field.addEventListener("change", remember);
  byId("clear").addEventListener("click", () => {
    for (const field of [trust, catchment, fifth, region]) field.value = "";
    remember();
    trust.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("popstate", restore);
  form.hidden = false;
  restore();
})();
