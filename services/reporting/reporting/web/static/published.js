// The figures that the source document printed, beside those that are computed here.

import { el, show, symbol } from "./elements.js";
import { STATUSES, number, percent, source, statusWord } from "./words.js";

const signed = new Intl.NumberFormat("en-GB", { signDisplay: "exceptZero" });

export function showPublished(section, status) {
  const { published, targets, vocabulary } = status;
  section.hidden = published === null;
  if (published === null) return;
  const rows = STATUSES[vocabulary].map((name) =>
    row(name, figure(published.counts[name], published.shares[name]), figure(targets.counts[name], targets.shares[name]),
      published.difference.counts[name], symbol(name), ` ${statusWord(name)}`));
  rows.push(row("total", number(published.total), number(targets.total), published.difference.total, "targets"));
  const heads = ["Published", "Here", "Difference"].map((word) => el("th", { scope: "col", class: "number" }, word));
  show(
    section.querySelector(".body"),
    el("table", { class: "figures-table" },
      el("caption", { class: "unseen" }, "Published and computed counts of targets"),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "unseen" }, "Status")), heads)),
      el("tbody", {}, rows)),
    el("div", { class: "reason" },
      el("p", {}, reason(published, targets.total)),
      published.provenance ? el("p", { class: "note" }, `Published in ${source(published.provenance)}.`) : null),
  );
}

function row(key, before, now, difference, ...name) {
  return el("tr", { "data-key": key },
    el("th", { scope: "row", "data-status": key === "total" ? null : key }, name),
    el("td", { class: "number" }, before),
    el("td", { class: "number" }, now),
    el("td", { class: "number" }, signed.format(difference).replace("-", "\u2212")));
}

const figure = (count, share) => [number(count), " ", el("small", {}, percent(share))];

function reason(published, total) {
  const cut = published.rounding === "truncated" ? " Its shares are cut off, not rounded." : "";
  if (total === published.total) return `The same ${number(total)} targets are counted on both sides.${cut}`;
  if (total > published.total) return `Here ${number(total)} targets are counted, the document counts ${number(published.total)}.${cut}`;
  const listed = total === 1 ? "lists one of them" : `lists ${number(total)} of them one by one`;
  return `They differ because the document counts ${number(published.total)} monitored targets, but ${listed}, `
    + `and only what it lists can be counted here.${cut}`;
}
