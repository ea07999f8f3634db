// A share over the snapshots as a line, with the band, the targets and the table behind it.

import { drawn, el, show } from "./elements.js";
import { wings } from "./lines.js";
import { FEW, countWords, isWithheld, neededWords, plus, stateChip } from "./staff.js";
import { day, number, percent } from "./words.js";

const YEAR = 365.25 * 24 * 3600 * 1000;

/** `targets` are those that the measure fills, of any plan. */
export function showTrend(section, line, targets) {
  const body = section.querySelector(".body");
  if (line === null) {
    show(body, el("p", { class: "note" }, "This measure was not drawn from any snapshot yet."));
    return;
  }
  const aims = targets.filter((one) => one.value !== null && one.place === "global");
  show(body,
    el("p", {}, sentence(line)),
    aims.length > 0 && el("ul", { class: "aims" }, aims.map((aim) => aimRow(aim))),
    line.series.length > 1 && chart(line, aims),
    el("details", { "data-key": "table" },
      el("summary", {}, el("h3", {}, "The same as a table"), el("span", { class: "aside" }, `${number(line.series.length)} snapshots`)),
      table(line)));
}

function sentence(line) {
  const { trend, share } = line;
  const now = isWithheld(line) ? `On ${day(line.as_of)} there were ${FEW}.` : `${number(share)} per cent on ${day(line.as_of)}: ${number(line.women)} women and ${number(line.men)} men.`;
  if (trend === null) return now;
  const pace = trend.per_year === 0 ? `It has not moved since ${day(trend.from)}.` : `${plus(trend.per_year)} points a year since ${day(trend.from)}.`;
  const when = trend.projected_year ? ` At this pace, half of the posts are women’s in ${trend.projected_year}.` : "";
  return `${now} ${pace}${when}`;
}

function aimRow({ plan, plan_title: title, phase, status, value }) {
  const met = { met: "met", not_met: "not met", on_track: "on track", not_on_track: "not on track" }[status] ?? "no data yet";
  return el("li", { "data-key": `${plan} ${phase}` },
    el("b", {}, `${number(value)} per cent in ${phase}`), ` (${met}): `,
    el("a", { href: `/?plan=${encodeURIComponent(plan)}&phase=${encodeURIComponent(phase)}` }, title));
}

function chart(line, aims) {
  const { series, band } = line;
  const shares = series.filter((one) => one.share !== null).map((one) => one.share);
  const low = Math.max(0, 5 * Math.floor(Math.min(band.from - 2, ...shares, ...aims.map((aim) => aim.value)) / 5));
  const high = Math.min(100, 5 * Math.ceil(Math.max(band.to + 1, ...shares, ...aims.map((aim) => aim.value)) / 5));
  const first = Date.parse(series[0].as_of);
  const seen = aims.filter((aim) => Date.parse(aim.ends) > first && Date.parse(aim.starts) < Date.parse(series.at(-1).as_of) + 2 * YEAR);
  const last = Math.max(Date.parse(series.at(-1).as_of), ...seen.map((aim) => Date.parse(aim.ends)));
  const x = (iso) => (100 * (Math.max(first, Date.parse(iso)) - first)) / (last - first);
  const y = (share) => (100 * (high - share)) / (high - low);
  return el("figure", { class: "chart", "data-key": "chart" },
    el("div", { class: "plot", role: "img", "aria-label": spoken(series) },
      drawn("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
        drawn("rect", { class: "zone", x: 0, width: 100, y: y(band.to), height: y(band.from) - y(band.to) }),
        ticks(low, high).map((tick) => drawn("path", { class: "tick", d: `M0 ${y(tick)}H100` })),
        seen.map((aim) => drawn("path", { class: "aim", d: `M${x(aim.starts)} ${y(aim.value)}H${x(aim.ends)}` })),
        runs(series).map((run) => drawn("path", { class: "course", d: `M${run.map((one) => `${x(one.as_of)} ${y(one.share)}`).join("L")}` }))),
      ticks(low, high).map((tick) => placed("scale", 0, y(tick), `${tick} %`)),
      placed("zonename", 100, y(band.to), `parity, ${number(band.from)} to ${number(band.to)} %`),
      seen.map((aim) => placed("aimname", Math.max(x(aim.ends), 22), y(aim.value), `target ${number(aim.value)} %`)),
      series.map((one) => mark(one, line.as_of, x, y)),
      labelled(series, x).map((one) => placed("yearname", x(one.as_of), 100, one.as_of.slice(0, 4)))));
}

function mark(one, chosen, x, y) {
  const isChosen = one.as_of === chosen ? "true" : null;
  if (one.share === null) return placed("mark few", x(one.as_of), 96, "", isChosen);
  const named = isChosen ? el("b", {}, number(one.share)) : el("span", {}, number(one.share));
  return placed("mark", x(one.as_of), y(one.share), named, isChosen);
}

function placed(name, left, top, content, chosen = null) {
  const span = el("span", { class: name, "data-chosen": chosen }, content);
  span.style.left = `${left}%`;
  span.style.top = `${top}%`;
  return span;
}

const ticks = (low, high) => Array.from({ length: Math.floor((high - low) / 10) + 1 }, (_, place) => 10 * Math.ceil(low / 10) + 10 * place).filter((tick) => tick <= high);

/** The snapshots whose year stands below the line: each year once, from the latest back, and none nearer to another than a label is wide. */
function labelled(series, x) {
  const years = series.filter((one, place) => place === 0 || one.as_of.slice(0, 4) !== series[place - 1].as_of.slice(0, 4));
  const kept = [];
  for (const one of years.reverse()) {
    if (kept.every((other) => Math.abs(x(other.as_of) - x(one.as_of)) >= 11)) kept.push(one);
  }
  return kept;
}

/** Stretches of one rule without a gap: a line over what is withheld would tell something of it. */
function runs(series) {
  const found = [];
  let open = null;
  for (const one of series) {
    if (one.share === null) open = null;
    else if (open && open.at(-1).rule === one.rule) open.push(one);
    else found.push((open = [one]));
  }
  return found.filter((run) => run.length > 1);
}

const spoken = (series) => `Share of women by snapshot: ${series.map((one) => `${day(one.as_of)} ${one.share === null ? FEW : percent(one.share)}`).join(", ")}.`;

function table({ series, title }) {
  const heads = [["Snapshot", "name"], ["Women", "number women"], [null, "axis"], ["Men", "men"], ["Share of women", "number"], ["Parity", "state"], ["Needed for parity", "needed"]];
  const most = Math.max(1, ...series.flatMap((one) => [one.women ?? 0, one.men ?? 0]));
  return el("table", { class: "grades wide plain", role: "table" },
    el("caption", { class: "unseen" }, `${title}, by snapshot, the newest first`),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map(([word, kind]) =>
      word === null ? el("td", { class: kind, role: "cell" }) : el("th", { scope: "col", role: "columnheader", class: kind }, word)))),
    el("tbody", { role: "rowgroup" }, [...series].reverse().map((one) => row(one, most))));
}

function row(one, most) {
  const cell = (kind, ...content) => el("td", { role: "cell", class: kind }, content);
  const name = el("th", { scope: "row", role: "rowheader", class: "name" }, el("time", { datetime: one.as_of }, day(one.as_of)));
  if (isWithheld(one)) return el("tr", { role: "row", "data-key": one.as_of, "data-few": true }, name, el("td", { role: "cell", colspan: 6, class: "few" }, FEW));
  return el("tr", { role: "row", "data-key": one.as_of }, name,
    cell("number women", countWords(one.women)), cell("axis", wings(one, most)), cell("men", countWords(one.men)),
    cell("number share", percent(one.share)), cell("state", stateChip(one)), cell("needed", neededWords(one.parity)));
}
