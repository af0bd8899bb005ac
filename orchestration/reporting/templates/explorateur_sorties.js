// What a reader takes away of a choice: a CSV for spreadsheets, a picture as SVG and as PNG; each says what it is in its name.
const sorties = (() => {
  const give = (content, type, name) => {
    const link = document.createElement("a"), address = URL.createObjectURL(new Blob([content], { type }));
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  const named = (choice, end) => [choice.index.edition, ...choice.parts].join("_").replace(/[^\p{L}\p{N}_.-]+/gu, "-").slice(0, 120) + "." + end;
  const COLUMNS = ["edition", "question_code", "question", "mesure", "libelle_mesure", "perimetre_type", "perimetre", "libelle_perimetre", "axe", "segment", "libelle_segment", "vague",
    "valeur", "ic_bas", "ic_haut", "base", "intervalle_indicatif", "statut", "motif_statut", "vague_precedente", "evolution", "verdict", "reference", "ecart_reference", "verdict_reference"];
  // a text that a spreadsheet would take for a formula is disarmed, as in the other files to take away
  const disarmed = (text) => /^\s*[=+@-]/.test(text) ? "'" + text : text;
  const csv = (choice) => {
    const { index } = choice, comma = index.decimale === ",", mark = comma ? ";" : ",";
    const quoted = (text) => /["\n\r;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const number = (pair) => pair ? pair[0].replace(".", index.decimale) : "";
    const word = (label) => label ? label[0] : "";
    const text = (value) => quoted(disarmed(value));
    const rows = choice.cells.map(({ measure, perimeter, axis, segment, wave, before, cell }) => [
      text(index.edition), text(choice.file.code), text(choice.title), text(measure.code), text(measure.nom), ...perimeter.code.split("|").map(text), text(perimeter.nom), text(axis.code), text(segment.code), text(segment.nom), text(wave),
      ...[cell.valeur, cell.bas, cell.haut, cell.base].map(number).map(quoted), ["", "1", "0", ""][cell.indicatif], cell.statut ? text(word(cell.statut)) : "V", cell.statut ? text(cell.statut[4]) : "",
      text(cell.evolution || cell.verdict ? before : ""), quoted(number(cell.evolution)), text(word(cell.verdict)), quoted(number(cell.reference)), quoted(number(cell.ecart)), text(word(cell.verdict_reference)),
      ...(index.demonstration ? [text(index.demonstration)] : [])]);
    const head = [...COLUMNS, ...(index.demonstration ? ["demonstration"] : [])];
    return "\ufeff" + [head, ...rows].map((row) => row.join(mark) + "\r\n").join("");
  };
  // A picture leaves with the page's fonts: it has the same letters on every machine.
  const fonts = () => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule && dessin.font.startsWith(rule.style.getPropertyValue("font-family").replaceAll('"', "")))
    .map((rule) => rule.cssText).join("\n");
  const picture = (choice) => {
    const svg = dessin.draw(choice, 900, choice.index.couleurs), style = document.createElementNS(svg.namespaceURI, "style");
    style.textContent = fonts();
    svg.prepend(style);
    return svg;
  };
  const written = (svg) => new XMLSerializer().serializeToString(svg);
  const png = (choice) => {
    const svg = picture(choice), image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * svg.getAttribute("width");
      canvas.height = 2 * svg.getAttribute("height");
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => give(blob, "image/png", named(choice, "png")), "image/png");
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(written(svg));
  };
  return {
    csv: (choice) => give(csv(choice), "text/csv;charset=utf-8", named(choice, "csv")),
    svg: (choice) => give(written(picture(choice)), "image/svg+xml", named(choice, "svg")),
    png,
  };
})();
