// Draws a choice as SVG: a line through the waves where one line is asked for, else a dot per line with its interval. Every
// text is given; only places are computed. Colours are classes on the page, and colours in a file that is taken away.
const dessin = (() => {
  const NS = "http://www.w3.org/2000/svg", FONT = "Fira Sans, Liberation Sans, Arial, sans-serif";
  const SMALL = 7, BOLD = 8; // how wide a letter is, about, in a text and in a heading
  const element = (name, attributes = {}, text = "") => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  const wrap = (text, length, most) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      if (lines.at(-1) && (lines.at(-1) + " " + word).length > length) lines.push("");
      lines[lines.length - 1] = (lines.at(-1) + " " + word).trim();
    }
    if (lines.length > most) { lines.length = most; lines[most - 1] = lines[most - 1].slice(0, length - 1) + "…"; }
    return lines;
  };
  const shown = (lines) => lines.flatMap((line) => line.points).filter((point) => point.y !== null);
  // the part of the grid that holds everything that is drawn
  const ends = (grid, lines) => {
    const held = shown(lines).flatMap((point) => [point.y, point.low, point.high, point.reference]).filter((value) => value !== null);
    if (!held.length) return grid.slice(0, 2);
    const low = Math.min(...held), high = Math.max(...held);
    const from = grid.findLastIndex(([place]) => place <= low), to = grid.findIndex(([place]) => place >= high);
    const first = Math.max(0, from), last = to < 0 ? grid.length - 1 : Math.max(to, first + 1);
    return grid.slice(first, last + 1);
  };
  const tools = (svg, paint) => {
    const put = (name, attributes, text) => { const made = element(name, attributes, text); svg.append(made); return made; };
    const write = (x, y, text, color, more = {}) => put("text", { x, y, "font-size": 13, "font-family": FONT, ...paint({ fill: color }), ...more }, text);
    const line = (x1, y1, x2, y2, color, width, more = {}) => put("line", { x1, y1, x2, y2, "stroke-width": width, ...paint({ stroke: color }), ...more });
    const disc = (cx, cy, r, rank) => put("circle", { cx, cy, r, ...(rank === 0 ? paint({ fill: "accent" }) : rank === 1 ? { "stroke-width": 2, ...paint({ fill: "paper", stroke: "muted" }) } : paint({ fill: "muted" })) });
    return { put, write, line, disc };
  };
  // one line: the waves from left to right; `full`: with what a picture that stands alone says of each figure
  const through = (svg, choice, width, top, paint, full) => {
    const { write, line, disc } = tools(svg, paint), [only] = choice.lines, height = 250, left = 54, right = width - 28;
    const grid = ends(choice.grid, choice.lines), [low] = grid[0], [high] = grid.at(-1);
    let bottom = top + height;
    const y = (value) => top + 26 + (height - 66) * (1 - (value - low) / (high - low || 1));
    const x = (rank) => only.points.length < 2 ? (left + right) / 2 : left + 40 + (right - left - 80) * rank / (only.points.length - 1);
    const every = Math.ceil(grid.length / 8);
    grid.forEach(([place, text], rank) => {
      if (rank % every) return;
      line(left, y(place), right, y(place), "rule", 1);
      write(left - 10, y(place) + 4, text, "muted", { "text-anchor": "end" });
    });
    let before = null;
    only.points.forEach((point, rank) => {
      if (point.y !== null && before !== null) line(x(before), y(only.points[before].y), x(rank), y(point.y), "accent", 2.5);
      before = point.y === null ? null : rank;
    });
    only.points.forEach((point, rank) => {
      const here = x(rank);
      write(here, top + height - 8, point.wave, "ink", { "text-anchor": "middle", "font-weight": 600 });
      const room = Math.min(170, (right - left - 80) / Math.max(1, only.points.length - 1)) / SMALL;
      const said = full ? point.said.flatMap((part) => wrap(part, room, 4)) : [];
      said.forEach((part, at) => write(here, top + height + 12 + 16 * at, part, "muted", { "text-anchor": "middle", "font-size": 12 }));
      bottom = Math.max(bottom, top + height + 12 + 16 * said.length);
      if (point.y === null) { wrap(point.absent, 18, 3).forEach((part, at) => write(here, top + height / 2 + 16 * at, part, "muted", { "text-anchor": "middle", "font-style": "italic", "font-size": 12 })); return; }
      if (point.low !== null && point.high !== null) {
        line(here, y(point.low), here, y(point.high), "soft", 18);
        for (const bound of [point.low, point.high]) line(here - 9, y(bound), here + 9, y(bound), "accent", 1.5);
      }
      if (point.reference !== null) line(here - 13, y(point.reference), here + 13, y(point.reference), "ink", 3);
      disc(here, y(point.y), 5.7, 0);
      write(here, y(point.high ?? point.y) - 12, point.text, "ink", { "text-anchor": "middle", "font-weight": 700, "font-size": 14 });
    });
    return bottom;
  };
  // several lines: the newest wave filled, the one before hollow, older ones small
  const beside = (svg, choice, width, top, paint, full) => {
    const { put, write, line, disc } = tools(svg, paint), wide = width > 600;
    const left = wide ? Math.min(330, width * 0.36) : 12, right = width - 16, grid = ends(choice.grid, choice.all || choice.lines);
    // the texts of a line, cut to the room that they have, and how tall they make it; `at` is where its marks stand in it
    const laid = choice.lines.map((one) => {
      if (one.heading) { const parts = wrap(one.label, width / BOLD, 4); return { one, parts, tall: 12 + 18 * parts.length }; }
      const now = one.points.at(-1), parts = wrap(one.label, wide ? left / SMALL - 8 : width / SMALL - 4, 4), room = (right - left) / SMALL;
      const told = now.y === null ? wrap(now.told, room, 3) : [], said = full && now.said.length ? wrap([now.wave, ...now.said].join(" · "), room, 3) : [];
      const under = 16 * (Math.max(1, told.length) - 1 + said.length), at = wide ? Math.max(23, 8 * parts.length + 7) : 16 * parts.length + 26;
      return { one, parts, told, said, at, tall: Math.max(at + (wide ? 23 : 26) + under, wide ? 16 * parts.length + 14 : 0) };
    });
    const [low] = grid[0], [high] = grid.at(-1), x = (value) => left + (right - left) * (value - low) / (high - low || 1);
    let y = top + 30;
    const every = Math.ceil(grid.length / (wide ? 16 : 6)), tall = laid.reduce((sum, one) => sum + one.tall, 0);
    grid.forEach(([place, text], rank) => {
      if (rank % every) return;
      line(x(place), top + 24, x(place), top + 30 + tall, "rule", 1);
      write(x(place), top + 16, text, "muted", { "text-anchor": "middle", "font-size": 12 });
    });
    for (const { one, parts, told, said, at: down, tall: height } of laid) {
      if (one.heading) { parts.forEach((part, rank) => write(0, y + 20 + 18 * rank, part, "ink", { "font-weight": 700, "font-size": 14 })); y += height; continue; }
      const at = y + down;
      parts.forEach((part, rank) => write(0, wide ? at + 5 + 16 * rank - 8 * (parts.length - 1) : y + 14 + 16 * rank, part, "ink", { "font-size": wide ? 14 : 13 }));
      line(left, at, right, at, "rule", 1, { "stroke-dasharray": "1 4" });
      const points = [...one.points].reverse(), [now, older] = points;
      told.forEach((part, rank) => write(left + 6, at + 4 + 16 * rank, part, "muted", { "font-style": "italic" }));
      said.forEach((part, rank) => write(left + 6, at + 25 + 16 * (rank + Math.max(1, told.length) - 1), part, "muted", { "font-size": 12 }));
      if (now.y !== null && now.low !== null && now.high !== null) {
        put("rect", { x: x(now.low), y: at - 9, width: Math.max(0.5, x(now.high) - x(now.low)), height: 18, ...paint({ fill: "soft" }) });
        for (const bound of [now.low, now.high]) line(x(bound), at - 9, x(bound), at + 9, "accent", 1.5);
      }
      if (now.y !== null && older && older.y !== null) line(x(older.y), at, x(now.y), at, "accent", 2.5);
      points.slice(1).reverse().forEach((point, rank, all) => { if (point.y !== null) disc(x(point.y), at, rank === all.length - 1 ? 4.5 : 2.3, rank === all.length - 1 ? 1 : 2); });
      if (now.y !== null) {
        disc(x(now.y), at, 5.7, 0);
        if (now.reference !== null) line(x(now.reference), at - 12, x(now.reference), at + 12, "ink", 3);
        write(x(now.y), at - 13, now.text, "ink", { "text-anchor": "middle", "font-weight": 700 });
      }
      y += height;
    }
    return y + 6;
  };
  // colours: none for the page, which has classes; given, for a file that stands alone
  const draw = (choice, width, colours = null) => {
    const paint = (wanted) => colours
      ? Object.fromEntries(Object.entries(wanted).map(([what, color]) => [what, colours[color]]))
      : { class: Object.entries(wanted).map(([what, color]) => `${what[0]}-${color}`).join(" ") };
    const svg = element("svg", { xmlns: NS, role: "img" });
    svg.append(element("title", {}, choice.title), element("desc", {}, choice.words));
    const { put, write } = tools(svg, paint), margin = colours ? 24 : 0;
    let top = 0;
    const paper = colours ? put("rect", { x: -margin, y: 0, width: width + 2 * margin, height: 10, ...paint({ fill: "paper" }) }) : null;
    if (colours) {
      top = 12;
      const said = [...(choice.demonstration ? [[choice.demonstration, "warm", 13, 700]] : []),
        ...wrap(choice.title, 90, 3).map((part) => [part, "ink", 18, 600]), ...wrap(choice.subtitle, 120, 3).map((part) => [part, "muted", 13, 400]), ...wrap(choice.legend, 120, 3).map((part) => [part, "muted", 12, 400])];
      for (const [text, color, size, weight] of said) { top += size + 8; write(0, top, text, color, { "font-size": size, "font-weight": weight }); }
      top += 16;
    }
    const single = (choice.all || choice.lines).length === 1;
    let bottom = (single ? through : beside)(svg, choice, width, top, paint, colours !== null);
    if (colours) { bottom += 26; write(0, bottom - 6, choice.source, "muted", { "font-size": 12 }); bottom += 10; paper.setAttribute("height", bottom); }
    svg.setAttribute("viewBox", `${-margin} 0 ${width + 2 * margin} ${Math.ceil(bottom)}`);
    if (colours) { svg.setAttribute("width", width + 2 * margin); svg.setAttribute("height", Math.ceil(bottom)); }
    else svg.setAttribute("class", "dessin");
    return svg;
  };
  return { draw, font: FONT };
})();
