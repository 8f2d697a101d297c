// Ranks what the search found: the more of the asked words a title has, and the fewer others, the
// higher; prose before what is generated, since the reference has every word somewhere.
var Scorer = {
  score: ([page, title, _anchor, _description, score]) => {
    const stemmer = new Stemmer();
    const stems = (text) => splitQuery(text.toLowerCase())
      .filter((word) => !stopwords.has(word))
      .map((word) => stemmer.stemWord(word));
    const asked = new Set(stems(new URLSearchParams(location.search).get("q") ?? ""));
    const words = new Set(stems(title));
    const found = [...asked].filter((word) => words.has(word)).length;
    const likeness = found / (asked.size + words.size - found || 1);
    return score + 20 * (found / (asked.size || 1)) + 10 * likeness
      - (page.startsWith("generated/") ? 10 : 0);
  },

  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
