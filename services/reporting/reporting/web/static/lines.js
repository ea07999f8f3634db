// Women and men of one measure line by line: counts, wings, parity, who is needed, what changed. Crossings stand in groups.

import { el, show, symbol } from "./elements.js";
import { FEW, countWords, dimensionWord, groupName, isWithheld, neededWords, pointsOf, stateChip, stateWord } from "./staff.js";
import { day, number, percent } from "./words.js";

const STATES = ["below", "at_parity", "above"];

export function showLines(section, line, units) {
  const body = section.querySelector(".body");
  if (line === null) {
    show(body, el("p", { class: "note" }, "This measure was not drawn from a snapshot of this day or before."));
    return;
  }
  const groups = named(line, units);
  show(body, summary(line, groups), table(line, groups), note(line, groups));
}

/** The lines with `names`, one for each word of the dimension; the ladder's top is above. */
function named(line, units) {
  const dimensions = (line.dimension ?? "").split("/");
  const shown = line.dimension === "grade" ? [...line.groups].reverse() : line.groups;
  return shown.map((group) => {
    const parts = dimensions.length > 1 ? group.group.split("/") : [group.group];
    return { ...group, names: parts.map((part, place) => groupName(dimensions[place] ?? "", part, units)) };
  });
}

function summary(line, groups) {
  const shown = groups.filter((one) => one.parity);
  const counts = STATES.map((state) => [state, shown.filter((one) => one.parity.state === state).length]).filter(([, count]) => count > 0);
  const few = groups.filter(isWithheld).length;
  const worst = shown.filter((one) => one.parity.women_needed > 0).sort((one, other) => other.parity.women_needed - one.parity.women_needed).slice(0, 3);
  return el("div", { class: "summary" },
    el("ul", { class: "chips" },
      counts.map(([state, count]) => el("li", { class: "chip", "data-parity": state }, symbol(state), ` ${number(count)} ${stateWord(state)}`)),
      few > 0 && el("li", { class: "chip none" }, `${number(few)} ${FEW}`)),
    worst.length > 0 && el("p", {}, "Where most women are needed in place of men: ",
      worst.map((one, place) => [place > 0 ? "; " : null, el("b", {}, one.names.join(", ")), `, ${neededWords(one.parity)}`]), "."));
}

function table(line, groups) {
  const most = Math.max(1, ...groups.flatMap((one) => [one.women ?? 0, one.men ?? 0]));
  const dimensions = (line.dimension ?? "").split("/");
  const since = line.before ? `Since ${day(line.before.as_of)}` : "Change";
  const heads = [[dimensions.map(dimensionWord).at(-1), "name"], ["Women", "number women"], [null, "axis"], ["Men", "men"], ["Share of women", "number"],
    ["Parity", "state"], ["Needed for parity", "needed"], [since, "number change"]];
  return el("table", { class: "grades wide", role: "table", "data-key": line.code },
    el("caption", { class: "unseen" }, `${line.title} on ${day(line.as_of)}`),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map(([word, kind]) =>
      word === null ? el("td", { class: kind, role: "cell" }) : el("th", { scope: "col", role: "columnheader", class: kind }, word)))),
    dimensions.length > 1 ? crossed(groups, most) : el("tbody", { role: "rowgroup" }, rows(groups, (one) => one.names[0], most)));
}

/** A body for each group of the first word. */
function crossed(groups, most) {
  const firsts = [...new Set(groups.map((one) => one.names[0]))];
  return firsts.map((first) => {
    const among = groups.filter((one) => one.names[0] === first);
    return el("tbody", { role: "rowgroup", "data-key": first },
      el("tr", { role: "row", class: "first" }, el("th", { scope: "rowgroup", role: "rowheader", colspan: 8 }, first)),
      rows(among, (one) => one.names.slice(1).join(", "), most));
  });
}

/** Lines that follow one another and are not shown are one row, so that what is shown stands out. */
function rows(groups, name, most) {
  const found = [];
  for (const one of groups) {
    if (!isWithheld(one)) found.push(one);
    else if (Array.isArray(found.at(-1))) found.at(-1).push(one);
    else found.push([one]);
  }
  return found.map((one) => (Array.isArray(one) ? fewRow(one.map(name).join(", "), one.map(({ group }) => group).join()) : row(one, name(one), most)));
}

const fewRow = (name, key) => el("tr", { role: "row", "data-key": key, "data-watch": "few", "data-few": true },
  el("th", { scope: "row", role: "rowheader", class: "name" }, name), el("td", { role: "cell", colspan: 7, class: "few" }, FEW));

function row(one, name, most) {
  const cell = (kind, ...content) => el("td", { role: "cell", class: kind }, content);
  return el("tr", { role: "row", "data-key": one.group, "data-watch": `${one.women} ${one.men}`, "data-parity": one.parity?.state ?? null },
    el("th", { scope: "row", role: "rowheader", class: "name" }, name),
    cell("number women", countWords(one.women)),
    cell("axis", wings(one, most)),
    cell("men", countWords(one.men)),
    cell("number share", percent(one.share)),
    cell("state", stateChip(one)),
    cell("needed", neededWords(one.parity)),
    cell("number change", pointsOf(one.change)));
}

/** Women to the left of the axis, men to the right; `most` is the longest wing there is. */
export function wings({ women, men }, most) {
  return el("div", { class: "wings", "aria-hidden": "true" }, [["women", women], ["men", men]].map(([side, count]) => {
    const drawn = el("i", { class: side });
    drawn.style.width = `${(100 * (count ?? 0)) / most}%`;
    return el("span", { class: side }, drawn);
  }));
}

function note(line, groups) {
  const few = groups.filter(isWithheld).length;
  const hidden = few === 0 ? "" : ` ${number(few)} of ${number(groups.length)} lines are not shown: in them, or by them, so few people could be recognised.`;
  const other = line.other > 0 ? ` ${number(line.other)} people of another sex, or of none stated, are in no bar.` : "";
  const compared = line.before && !line.before.comparable ? ` The snapshot of ${day(line.before.as_of)} was counted by another rule, so nothing is compared.` : "";
  return el("p", { class: "note" }, `Needed: so many in place of the others bring the line into the band, its size unchanged.${hidden}${other}${compared}`);
}
