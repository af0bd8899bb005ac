"use strict";
// A text as it is searched, without accents, case or curly apostrophes; and whether one has every word that is looked for.
const recherche = (() => {
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[\u2018\u2019]/g, "'").toLowerCase();
  const wanted = (text) => plain(text.trim()).split(/\s+/).filter(Boolean);
  const has = (text, words) => words.every((word) => text.includes(word));
  return { plain, wanted, has };
})();
