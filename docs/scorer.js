// Ranks what the search found: the more of the asked words a title has, and the fewer others, the
// higher; prose before generated pages, which have every word somewhere, unless a name is asked.
var Scorer = {
  score: ([page, title, _anchor, _description, score, _file, kind]) => {
    const query = (new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase();
    const stemmer = new Stemmer();
    const stems = (text) => new Set(splitQuery(text.toLowerCase())
      .filter((word) => !stopwords.has(word))
      .map((word) => stemmer.stemWord(word)));
    const [asked, words] = [stems(query), stems(title)];
    const found = [...asked].filter((word) => words.has(word)).length;
    const likeness = found / (asked.size + words.size - found || 1);
    const named = kind === "object" && !page.includes("/dialects/")
      && title.toLowerCase().split(".").pop() === query;
    return score + 20 * (found / (asked.size || 1)) + 10 * likeness + 3 * named
      - 10 * (kind === "text" && page.startsWith("generated/"));
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
