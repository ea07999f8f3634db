// The indicators of each area, with the result against the target. A title opens the indicator's card.

import { el, show } from "./elements.js";
import { chip } from "./status.js";
import { STATUSES, said, statusWord, wording } from "./words.js";

/** `items` are those of the plan; shown are the targets of the status's phase, by the areas at the top and those below them. */
export function showIndicators(section, status, items) {
  const aimed = items
    .map((item) => ({ ...item, targets: item.targets.filter((target) => target.phase === status.phase) }))
    .filter((item) => item.targets.length > 0);
  const areas = new Map(status.by_area.map((area) => [area.area, area]));
  const folds = status.by_area.filter((area) => !areas.has(area.parent)).map((top) => {
    const within = status.by_area.map((area) => ({ ...area, path: path(area, areas), own: aimed.filter((item) => item.area === area.area) }));
    const below = within.filter((area) => area.area !== top.area && area.path[0] === top && area.own.length > 0);
    const own = within.find((area) => area.area === top.area).own;
    return own.length + below.length === 0 ? null : folded(top, own, below, STATUSES[status.vocabulary]);
  });
  show(section.querySelector(".body"), folds);
}

/** The areas that one lies in, the top one first. */
function path(area, areas, known = []) {
  const above = areas.get(area.parent);
  return above && !known.includes(above) ? path(above, areas, [above, ...known]) : known;
}

function folded(area, own, below, statuses) {
  const counts = statuses.filter((name) => area.counts[name] > 0).map((name) => `${area.counts[name]} ${statusWord(name)}`);
  return el(
    "details",
    { id: `area-${area.area}`, "data-key": area.area },
    el("summary", {}, el("h3", {}, area.title), el("span", { class: "aside" }, counts.join(" · "))),
    own.length > 0 ? el("ul", { class: "items" }, own.map((item) => indicator(item, "h4"))) : null,
    below.map((one) => el("section", { id: `area-${one.area}`, "data-key": one.area, class: "within" },
      el("h4", { tabindex: "-1" },
        one.path.length > 1 ? el("small", {}, one.path.slice(1).map(({ title }) => `${title} › `)) : null, one.title),
      el("ul", { class: "items" }, one.own.map((item) => indicator(item, "h5"))))),
  );
}

function indicator(item, heading) {
  const several = item.targets.length > 1;
  const custodians = item.custodians.map(({ name }) => name).join(", ");
  const watch = item.targets.map((target) => `${target.status} ${target.said}`).join();
  return el(
    "li",
    { "data-key": item.code, "data-watch": watch },
    el(heading, {}, el("button", { type: "button", "data-open": item.code, "aria-haspopup": "dialog" }, item.title)),
    el("ul", { class: "targets" }, item.targets.map((target) => aimed(target, several, item.unit))),
    el("p", { class: "note" }, item.custodians.length > 1 ? "Custodians: " : "Custodian: ", custodians),
  );
}

function aimed(target, several, unit) {
  const { place, aim } = wording(target, several);
  return el(
    "li",
    { class: target.part_of ? "part" : null },
    chip(target.status),
    el("span", {}, several ? `${place}: ` : null, el("b", {}, said(target.result, unit)), el("span", { class: "against" }, ` against ${aim}`)),
  );
}

/** A link to an area opens its list, also when the address names it as the page is opened. */
export function openArea(hash) {
  const area = hash.startsWith("#area-") ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  if (!area) return;
  area.closest("details").open = true;
  area.querySelector("summary, h4").focus();
  area.scrollIntoView({ block: "start" });
}
