// The explorer: what is chosen stands in the address; the file of a question is loaded when it is chosen, and shown as it says.
(() => {
  const box = document.querySelector(".atelier");
  if (!box) return;
  const index = JSON.parse(document.getElementById("index").textContent), words = index.mots;
  const at = (id) => document.getElementById(id);
  const fill = (text, values) => text.replace(/{(\w+)}/g, (place, name) => values[name] ?? place);
  const PARTS = ["valeur", "bas", "haut", "base", "statut", "indicatif", "evolution", "verdict", "reference", "ecart", "verdict_reference", "arrondi"];
  const WORDS = new Set(["statut", "verdict", "verdict_reference"]), SIGNS = new Set(["indicatif", "arrondi"]);
  const INDICATIVE = [1, 3]; // said by the edition, or by the base where the edition says nothing
  const ALL = "*", ANSWERS = "reponses";
  const MOST = 14, PAPER = 700; // the lines that a sheet of paper holds, and how wide it is, in units of a drawing
  const questions = new Map(index.questions.map((one) => [one.code, one]));
  const perimeters = new Map(index.perimetres.map((one) => [one.code, one]));
  const axes = new Map(index.axes.map((one) => [one.code, one]));
  const files = new Map(), waiting = new Map();
  let current = null;

  // the data of a question: a script beside the page, which calls this function
  window.explorateur = (file) => { files.set(file.question, file); };
  const load = (code) => {
    if (!waiting.has(code)) waiting.set(code, new Promise((done) => {
      const script = document.createElement("script");
      script.src = questions.get(code).fichier;
      script.onload = script.onerror = () => { script.remove(); if (!files.has(code)) waiting.delete(code); done(files.get(code)); };
      document.head.append(script);
    }));
    return waiting.get(code);
  };

  // what may be chosen of a question, given what is chosen before it
  const measuresOf = (file) => {
    const answers = file.mesures.filter((one) => one.reponse);
    const all = answers.length > 1 ? [{ ...answers[0], code: ANSWERS, nom: words.reponses }] : [];
    return file.reponses ? [...all, ...file.mesures] : [...file.mesures.filter((one) => !one.reponse), ...all, ...answers];
  };
  const partsOf = (file, code) => code === ANSWERS ? file.mesures.filter((one) => one.reponse) : file.mesures.filter((one) => one.code === code);
  const heldBy = (file, measure) => partsOf(file, measure).map((one) => file.cellules[one.code]);
  const placesOf = (file, measure) => {
    const held = index.perimetres.filter((one) => heldBy(file, measure).some((cells) => cells[one.code]));
    return Map.groupBy ? Map.groupBy(held, (one) => one.type) : held.reduce((map, one) => map.set(one.type, [...(map.get(one.type) || []), one]), new Map());
  };
  const chosenPlaces = (file, measure, code) => {
    const [kind, which, ...more] = code.split("|");
    if (which === ALL) {
      // one place is compared with nothing
      const held = more.length ? [] : placesOf(file, measure).get(kind) || [];
      return held.length > 1 ? held : [];
    }
    return [...placesOf(file, measure).values()].flat().filter((one) => one.code === code);
  };
  const axesOf = (file, measure, places) => index.axes.filter((axis) => heldBy(file, measure).some((cells) => places.some((place) => cells[place.code] && cells[place.code][axis.code])));

  // a choice, whole and valid; null where what is asked for is not there
  const settle = (file, asked, strict) => {
    const pick = (list, code) => list.find((one) => one.code === code) || (strict && code !== null ? null : list[0]);
    const measure = pick(measuresOf(file), asked.m);
    if (!measure) return null;
    let places = asked.p === null ? [] : chosenPlaces(file, measure.code, asked.p), place = asked.p;
    if (!places.length) {
      if (strict && asked.p !== null) return null;
      const first = [...placesOf(file, measure.code).values()][0][0];
      places = [first];
      place = first.code;
    }
    const axis = pick(axesOf(file, measure.code, places), asked.a);
    if (!axis) return null;
    let waves = asked.v === null || asked.v === ALL ? index.vagues : index.vagues.filter((wave) => asked.v.split(",").includes(wave));
    if (strict && asked.v !== null && asked.v !== ALL && waves.length !== asked.v.split(",").length) return null;
    if (!waves.length) waves = index.vagues;
    return { q: file.question, m: measure.code, p: place, a: axis.code, v: waves.length === index.vagues.length ? ALL : waves.join(","), file, measure, places, axis, waves };
  };
  const address = (choice) => "#" + new URLSearchParams({ q: choice.q, p: choice.p, a: choice.a, v: choice.v, m: choice.m });
  const asked = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const keys = [...given.keys()];
    const strange = keys.some((key) => !"qpavm".includes(key) || key.length !== 1) || new Set(keys).size < keys.length;
    return { strange, ...Object.fromEntries(["q", "p", "a", "v", "m"].map((key) => [key, given.get(key)])) };
  };
  const NOTHING = { q: null, p: null, a: null, v: null, m: null };

  // a cell with its numbers and words in place of their ranks
  const read = (file, cell) => Object.fromEntries(PARTS.map((part, rank) => {
    const value = cell[rank] || 0;
    return [part, SIGNS.has(part) ? value : value ? (WORDS.has(part) ? file.mots : file.nombres)[value - 1] : null];
  }));
  const cellsOf = (choice) => {
    const { file, places, axis, waves } = choice, cells = [];
    const measures = partsOf(file, choice.m);
    const everyone = index.axes[0];
    for (const perimeter of places)
      for (const one of axis === everyone ? [everyone] : [everyone, axis])
        for (const segment of one.segments)
          for (const measure of measures) {
            const line = file.cellules[measure.code][perimeter.code]?.[one.code]?.[segment.code];
            if (line) for (const wave of waves) {
              const rank = index.vagues.indexOf(wave);
              cells.push({ measure, perimeter, axis: one, segment, wave, before: index.vagues[rank - 1] || "", cell: read(file, line[rank]) });
            }
          }
    return cells;
  };
  const labelOf = (choice, one) => one.axis === index.axes[0] ? words.tous : one.segment.nom;
  const indicative = (cell) => cell.bas && cell.haut && INDICATIVE.includes(cell.indicatif);
  // a change is told beside the figures of the waves that are shown: where the one it starts from is not, this is said
  const unseen = (choice, before, cell) => (cell.evolution || cell.verdict) && before && !choice.waves.includes(before) ? `(${fill(words.non_montree, { vague: before })})` : "";
  const changed = (cell, before) => cell.evolution ? fill(words.depuis, { ecart: cell.evolution[1], vague: before }) : "";
  const absent = ([, , word, , reason]) => reason ? `${word} (${reason})` : word;
  // what a picture that is taken away says of a figure beside it: its base, its change and its reference with their verdicts
  const told = (choice, before, cell) => {
    const named = (nom, ...said) => ((valeur) => valeur && fill(words.deux_points, { nom, valeur }))(said.filter(Boolean).join(" "));
    const judged = (word) => word ? [word[1], word[2], word[5] && `(${word[5]})`] : [];
    return [named(words.base, cell.base?.[1]), named(words.intervalle, indicative(cell) && words.indicatif), named(words.evolution, changed(cell, before), ...judged(cell.verdict), unseen(choice, before, cell)),
      named(words.reference_titre, cell.reference?.[1], cell.ecart?.[1], ...judged(cell.verdict_reference))].filter(Boolean);
  };
  // cells of one line go together: those of its waves
  const linesOf = (choice, cells) => {
    const lines = [], several = { places: choice.places.length > 1, measures: partsOf(choice.file, choice.m).length > 1, axis: choice.axis !== index.axes[0] };
    let heading = "";
    for (let rank = 0; rank < cells.length; rank += choice.waves.length) {
      const group = cells.slice(rank, rank + choice.waves.length), [one] = group;
      const names = [...(several.places ? [one.perimeter.nom] : []), ...(several.axis ? [labelOf(choice, one)] : []), ...(several.measures ? [one.measure.nom] : [])];
      const label = names.pop() || labelOf(choice, one), over = names.join(" · ");
      if (over && over !== heading) lines.push({ heading: true, label: over, points: [] });
      heading = over;
      lines.push({ label, over, group, points: group.map(({ wave, before, cell, measure }) => {
        const place = (pair) => pair ? Number(pair[0]) * measure.facteur : null;
        const own = (pair) => pair ? Number(pair[0]) : null; // a source gives its percentages out of 100; one that does not compare has no place here
        return { wave, y: place(cell.valeur), low: place(cell.bas), high: place(cell.haut), reference: cell.verdict_reference?.[3] === "muet" ? null : own(cell.reference), text: cell.valeur ? cell.valeur[1] : "", said: told(choice, before, cell), absent: cell.statut ? absent(cell.statut) : "", told: cell.statut ? fill(words.deux_points, { nom: wave, valeur: absent(cell.statut) }) : "" };
      }) });
    }
    return lines;
  };

  const node = (name, given = {}, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given)) key in made && key !== "scope" ? made[key] = value : made.setAttribute(key, value);
    made.append(...inside.filter((one) => one !== null && one !== ""));
    return made;
  };
  const label = (word) => word ? [node("span", { className: `verdict verdict-${word[3]}`, title: word[4] }, node("span", { className: "signe", ariaHidden: "true" }, word[1]), " " + word[2]), word[5] && node("small", { title: words.selon_bareme_aide }, word[5])] : [];
  const figure = (pair) => pair && node("data", { value: pair[0] }, pair[1]);
  const why = (word) => node("span", { className: `absent absent-${word[3]}`, "data-statut": word[0] }, word[1] ? node("span", { ariaHidden: "true" }, word[1] + " ") : "", absent(word));
  // what there is to say, a space apart
  const spaced = (inside) => inside.filter(Boolean).flatMap((one, rank) => rank ? [" ", one] : [one]);
  const table = (choice, lines) => {
    const body = at("resultat").querySelector("tbody"), head = at("resultat").querySelector("thead");
    const has = (part) => choice.cells.some(({ cell }) => cell[part]);
    const first = partsOf(choice.file, choice.m).length > 1 ? words.reponse : choice.axis !== index.axes[0] ? choice.axis.nom : choice.places.length > 1 ? words.perimetre : words.profil;
    const columns = [first, words.vague, choice.m === ANSWERS ? words.part : choice.measure.nom, words.intervalle, words.base, ...(has("evolution") || has("verdict") ? [words.evolution] : []), ...(has("reference") ? [words.reference_titre] : [])];
    head.replaceChildren(node("tr", { role: "row" }, ...columns.map((text, rank) => node("th", { scope: "col", role: "columnheader", className: rank > 1 && rank < 5 ? "n" : "" }, text))));
    const rows = [];
    for (const line of lines) {
      if (line.heading) { rows.push(node("tr", { role: "row", className: "rupture" }, node("th", { role: "rowheader", colSpan: columns.length, scope: "colgroup" }, line.label))); continue; }
      line.group.forEach(({ wave, before, cell }, rank) => {
        const row = node("tr", { role: "row", "data-cle": [choice.q, line.group[0].measure.code, line.group[0].perimeter.code, line.group[0].axis.code, line.group[0].segment.code, wave].join("\u0001") });
        if (rank === 0) row.append(node("th", { role: "rowheader", scope: "rowgroup", rowSpan: line.group.length }, line.label));
        const put = (part, className, ...inside) => {
          const cell = node("td", { role: "cell", className, "data-part": part, "data-label": columns[row.cells.length + (rank ? 1 : 0)] || "" }, ...spaced(inside));
          row.append(cell);
          return cell;
        };
        row.append(node("th", { role: "rowheader", scope: "row", className: "vague" }, wave));
        if (cell.statut) { put("statut", "", why(cell.statut)).colSpan = columns.length - 2; rows.push(row); return; }
        put("valeur", "n courante", figure(cell.valeur));
        put("intervalle", "n", ...(cell.bas && cell.haut ? [node("span", { "data-bas": cell.bas[0], "data-haut": cell.haut[0] }, fill(words.de_a, { bas: cell.bas[1], haut: cell.haut[1] })), indicative(cell) ? node("small", { title: words.indicatif_aide }, words.indicatif) : null] : []));
        put("base", "n", figure(cell.base));
        if (columns.includes(words.evolution)) put("evolution", "", cell.evolution ? node("data", { value: cell.evolution[0], "data-ecrit": cell.evolution[1] }, changed(cell, before)) : null, ...label(cell.verdict), unseen(choice, before, cell) && node("span", { className: "depart" }, unseen(choice, before, cell)));
        if (has("reference")) put("reference", "reference", figure(cell.reference), cell.ecart ? node("small", {}, figure(cell.ecart)) : null, ...label(cell.verdict_reference));
        rows.push(row);
      });
    }
    body.replaceChildren(...rows);
  };
  // under the table, in full, what its cells have room to name only: each reason once, in the order of the table
  const notes = (choice) => {
    const counted = new Map(), said = new Map();
    let rounded = false;
    for (const { cell, before } of choice.cells) {
      if (cell.statut?.[4] && cell.statut[0] !== "Z") counted.set(cell.statut[4], (counted.get(cell.statut[4]) || 0) + 1);
      for (const [word, name] of [[cell.verdict, cell.verdict?.[2]], [cell.verdict_reference, `${words.reference_titre}, ${cell.verdict_reference?.[2]}`]]) {
        if (word?.[4]) said.set(`${name}|${word[4]}`, [name, word[4]]);
        if (word?.[5]) said.set(word[5], [word[5], words.selon_bareme_aide]);
      }
      if (indicative(cell)) said.set(words.indicatif, [words.indicatif, words.indicatif_aide]);
      rounded ||= cell.arrondi && choice.waves.includes(before);
    }
    const masked = counted.size ? [`${words.raisons} ${[...counted].map(([reason, lines]) => `${reason} (${lines})`).join(words.point_virgule)}.`] : [];
    at("raisons").replaceChildren(...[...masked, ...[...said.values()].map(([nom, valeur]) => fill(words.deux_points, { nom, valeur })), ...(rounded ? [words.arrondi] : [])].map((text) => node("li", {}, text)));
  };

  const show = (choice) => {
    const one = questions.get(choice.q), cells = cellsOf(choice), lines = linesOf({ ...choice }, cells);
    const place = choice.p.endsWith("|" + ALL) ? fill(words.comparer, { type: choice.places[0].titre }) : choice.places[0].nom;
    const parts = [choice.measure.nom, place, choice.axis.nom, choice.waves.join(", ")];
    const past = [...choice.waves].reverse().map((wave, rank) => `${rank === 0 ? "●" : rank === 1 ? "○" : "•"} ${wave}`);
    const legend = [...(lines.length > 1 ? past : []), `▬ ${words.intervalle_confiance}`, ...(cells.some(({ cell }) => cell.reference) ? [`${lines.length > 1 ? "┃" : "━"} ${words.reference}`] : [])].join(" · ");
    current = { ...choice, index, cells, lines, title: one.nom, subtitle: parts.join(" · "), parts: [choice.q, choice.m, choice.p, choice.a, choice.v === ALL ? index.vagues.join("-") : choice.v], legend, words: spoken(lines), grid: choice.measure.graduations, demonstration: index.demonstration,
      source: `${index.nom} · ${fill(words.edition, { n: index.edition })}` };
    at("choix-titre").textContent = one.nom;
    at("choix-texte").textContent = one.texte;
    at("choix-dit").textContent = current.subtitle;
    at("lien").href = address(choice);
    at("lien").hidden = false;
    document.title = `${one.nom} – ${index.nom}`;
    at("parts-arrondies").hidden = !choice.measure.reponse;
    redraw();
    table(current, lines);
    notes(current);
    at("bilan").textContent = cells.length ? fill(words.bilan, { choix: `${one.nom}, ${current.subtitle}`, n: cells.length, m: cells.filter(({ cell }) => cell.statut).length }) : words.rien;
    at("resultat").dataset.choix = address(choice);
  };
  const spoken = (lines) => lines.filter((line) => !line.heading).map((line) => fill(words.deux_points, { nom: [line.over, line.label].filter(Boolean).join(" · "), valeur: line.points.map((point) => fill(words.valeur_en, { valeur: point.text || point.absent, vague: point.wave })).join(", ") })).join(words.point_virgule);
  // a drawing of many lines is cut into pieces that a sheet of paper holds, each with its axis and the heading of its lines
  const piecesOf = (lines) => {
    const count = lines.filter((line) => !line.heading).length, most = Math.ceil(count / Math.ceil(count / MOST)), pieces = [];
    let heading = null, said = null, held = most;
    for (const line of lines) {
      if (line.heading) { heading = line; continue; }
      if (held === most) { pieces.push([]); held = 0; said = null; }
      if (heading !== said) pieces.at(-1).push(heading);
      said = heading;
      pieces.at(-1).push(line);
      held += 1;
    }
    return pieces;
  };
  const redraw = (paper = false) => {
    if (!current) return;
    const width = paper ? PAPER : Math.max(300, Math.min(940, at("dessin").clientWidth || 940));
    at("dessin").replaceChildren(node("figcaption", {}, current.legend), ...piecesOf(current.lines).map((lines) => dessin.draw({ ...current, lines, all: current.lines, words: spoken(lines) }, width)));
  };

  // the lists of the form, as the question has them
  const listed = (select, options, chosen) => { select.replaceChildren(...options); select.value = chosen; };
  const option = ({ code, nom }) => node("option", { value: code }, nom);
  const grouped = (groups) => [...groups].map(([title, options]) => node("optgroup", { label: title }, ...options.map(option)));
  const fillForm = (choice) => {
    const { file } = choice, held = document.activeElement?.id;
    listed(at("mesure"), measuresOf(file).map(option), choice.m);
    listed(at("perimetre"), grouped([...placesOf(file, choice.m)].map(([kind, held]) => [held[0].titre, held.length > 1 ? [{ code: `${kind}|${ALL}`, nom: fill(words.comparer, { type: held[0].titre }) }, ...held] : held])), choice.p);
    listed(at("axe"), axesOf(file, choice.m, choice.places).map(option), choice.a);
    at("vagues").replaceChildren(...index.vagues.map((wave, rank) => node("label", { htmlFor: `vague-${rank}` }, node("input", { type: "checkbox", id: `vague-${rank}`, value: wave, checked: choice.waves.includes(wave) }), " " + wave)));
    // the boxes are new: whoever had ticked one goes on from there
    if (held && document.activeElement?.id !== held) at(held)?.focus();
  };
  const searched = index.questions.map((one) => recherche.plain([one.code, one.theme, one.nom, one.texte, one.mots].join(" ")));
  const offer = (chosen) => {
    const wanted = recherche.wanted(at("recherche").value), kept = index.questions.filter((one, rank) => recherche.has(searched[rank], wanted));
    const themes = new Map();
    for (const one of kept) themes.set(one.theme, [...(themes.get(one.theme) || []), one]);
    listed(at("question"), grouped(themes), chosen);
    at("trouvees").textContent = !wanted.length ? "" : kept.length === 0 ? words.aucune_question : kept.length === 1 ? words.une_question : fill(words.plusieurs_questions, { n: kept.length });
  };

  const warn = (text) => { at("avis").textContent = text; at("avis").hidden = !text; };
  // shows what the address asks for; the default, and says so, where it cannot
  let turn = 0;
  // what is asked for and not shown yet: a second change adds to a first one whose figures are still being read
  let wanted = null;
  const settled = (choice, warning) => {
    wanted = null;
    warn(warning);
    fillForm(choice);
    show(choice);
  };
  const follow = async () => {
    wanted = null;
    const mine = ++turn, want = asked(), known = want.q === null || questions.has(want.q);
    const code = known && want.q !== null ? want.q : index.questions[0].code;
    const file = await load(code);
    if (mine !== turn) return;
    offer(code);
    if (!file) { warn(fill(words.illisible, { fichier: questions.get(code).fichier })); return; }
    let choice = known && !want.strange ? settle(file, want, true) : null;
    const fine = choice !== null;
    if (!fine) {
      const first = await load(index.questions[0].code);
      if (mine !== turn || !first) return;
      choice = settle(first, NOTHING, false);
      offer(choice.q);
    }
    settled(choice, fine ? "" : words.inconnu);
  };
  // what a person changes: the rest of the choice stays, as far as the question has it
  const change = async (changed) => {
    const want = wanted = { ...(wanted || current || NOTHING), ...changed }, mine = ++turn, file = await load(want.q || index.questions[0].code);
    if (mine !== turn) return;
    if (!file) { wanted = null; warn(fill(words.illisible, { fichier: questions.get(want.q).fichier })); return; }
    const choice = settle(file, want, false);
    // without an event, which would come after the next change and undo it
    if (location.hash !== address(choice)) history.pushState(null, "", address(choice));
    settled(choice, "");
  };
  at("question").addEventListener("change", (event) => change({ q: event.target.value }));
  at("mesure").addEventListener("change", (event) => change({ m: event.target.value }));
  at("perimetre").addEventListener("change", (event) => change({ p: event.target.value }));
  at("axe").addEventListener("change", (event) => change({ a: event.target.value }));
  at("vagues").addEventListener("change", () => {
    const kept = [...at("vagues").querySelectorAll("input:checked")].map((input) => input.value);
    change({ v: kept.length ? kept.join(",") : ALL });
  });
  at("recherche").addEventListener("input", () => offer(current ? current.q : ""));
  box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  for (const end of ["csv", "svg", "png"]) at(end).addEventListener("click", () => current && sorties[end](current));
  addEventListener("hashchange", follow);
  // the address holds the choice: the link to the contents leads there without changing it
  document.querySelector(".evitement").addEventListener("click", (event) => { event.preventDefault(); at("resultat").focus(); });
  let size = 0;
  addEventListener("resize", () => { clearTimeout(size); size = setTimeout(redraw, 100); });
  addEventListener("beforeprint", () => redraw(true));
  addEventListener("afterprint", () => redraw());
  box.hidden = false;
  follow();
})();
