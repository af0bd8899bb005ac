(() => {
  const { plain } = recherche;
  const visible = (piece) => { const copy = piece.cloneNode(true); for (const hidden of copy.querySelectorAll(".vh, [hidden]")) hidden.remove(); return copy.textContent; };
  const form = document.querySelector(".filtres");
  const search = form.querySelector("input"), theme = form.querySelector("select"), told = form.querySelector("[role=status]");
  const themes = [...document.querySelectorAll("section.theme")];
  const pieces = [...document.querySelectorAll("[data-q]")];
  const words = new Map(), home = new Map();
  for (const piece of pieces) {
    const code = piece.dataset.q, section = piece.closest("section.theme");
    if (section) {
      home.set(code, section.id);
      words.set(code, (words.get(code) || plain(code + " " + section.querySelector("h2").textContent)) + " " + plain(visible(piece) + " " + (piece.dataset.mots || "")));
    }
  }
  const apply = () => {
    const wanted = recherche.wanted(search.value), only = theme.value;
    const active = wanted.length > 0 || only !== "";
    const kept = new Set([...words].filter(([code, text]) => (!only || home.get(code) === only) && recherche.has(text, wanted)).map(([code]) => code));
    document.body.classList.toggle("filtre-actif", active);
    document.body.classList.toggle("recherche-active", wanted.length > 0);
    for (const piece of pieces) piece.classList.toggle("hors-filtre", active && !kept.has(piece.dataset.q));
    for (const section of themes) section.classList.toggle("hors-filtre", active && ![...kept].some((code) => home.get(code) === section.id));
    for (const box of document.querySelectorAll("section.theme table, section.theme .defilement, section.theme .motifs-groupe, section.theme details"))
      box.classList.toggle("hors-filtre", active && !box.querySelector("[data-q]:not(.hors-filtre)"));
    told.textContent = !active ? "" : kept.size === 0 ? told.dataset.aucune : kept.size === 1 ? told.dataset.une : told.dataset.plusieurs.replace("{n}", kept.size);
  };
  const toTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest(".hors-filtre") || target.classList.contains("hors-filtre")) { form.reset(); apply(); }
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    target.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", toTarget);
  const mark = document.body.dataset.decimale || ".";
  document.addEventListener("mouseover", (event) => {
    const figure = event.target.closest && event.target.closest("data[value]");
    if (figure && !figure.title) figure.title = figure.value.replace(".", mark).replace("-", "\u2212");
  });
  const opened = [];
  addEventListener("beforeprint", () => { for (const box of document.querySelectorAll("details.derriere:not([open])")) { box.open = true; opened.push(box); } });
  addEventListener("afterprint", () => { while (opened.length) opened.pop().open = false; });
  toTarget();
})();
