// Words that tell nothing apart, and are passed over where others stand beside them.
const COMMONEST = new Set("a about and any are at be by did do does for from has have how in is it my of on or our that the there this to was were what when where which who why will with".split(" "));

// What was typed, as terms: each a word or a phrase, and what else will do for it (data/synonyms.yml).
const termsOf = (typed, groups) => {
  const terms = [];
  const known = groups.flatMap((words) => words.map((word) => ({ word, others: words.filter((other) => other !== word) })));
  known.sort((one, other) => other.word.length - one.word.length); // a phrase before the words in it
  const spoken = ` ${typed.toLowerCase().replaceAll("’", "'").split(/[\s,;:"“”?!()]+/).join(" ")} `;
  let rest = spoken;
  for (const term of known) {
    if (!rest.includes(` ${term.word} `)) continue;
    terms.push(term);
    rest = rest.replaceAll(` ${term.word} `, " | "); // what stood apart stays apart
  }
  const others = rest.split(/[ |]+/).filter(Boolean), telling = others.filter((word) => !COMMONEST.has(word));
  for (const word of telling.length || terms.length ? telling : others) terms.push({ word, others: [] });
  return terms.sort((one, other) => spoken.indexOf(one.word) - spoken.indexOf(other.word));
};

// Whether a text, in small letters, has the term: a typed word as the beginning of any word, short and other words whole.
const SHORT = 3;
const hasTerm = (text, { word, others }) => {
  const letter = /[a-z0-9]/;
  const begins = (one, isWhole) => {
    for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + 1)) {
      if (!letter.test(text[at - 1] || "") && !(isWhole && letter.test(text[at + one.length] || ""))) return true;
    }
    return false;
  };
  const whole = (one) => begins(one, true);
  const known = others.length > 0;
  return (known && word.length <= SHORT ? whole(word) : begins(word)) || others.some(whole);
};
