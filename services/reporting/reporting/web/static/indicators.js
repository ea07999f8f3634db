// The indicators of each area, with the result against the target. A title opens the indicator's card.

import { el, show } from "./elements.js";
import { chip } from "./status.js";
import { STATUSES, said, statusWord, wording } from "./words.js";

/** `items` are those of the plan; shown are the targets of the status's phase. */
export function showIndicators(section, status, items) {
  const areas = status.by_area.map((area) => {
    const among = items
      .filter((item) => item.area === area.area)
      .map((item) => ({ ...item, targets: item.targets.filter((target) => target.phase === status.phase) }))
      .filter((item) => item.targets.length > 0);
    return among.length === 0 ? null : folded(area, among, STATUSES[status.vocabulary]);
  });
  show(section.querySelector(".body"), areas);
}

function folded(area, items, statuses) {
  const counts = statuses.filter((name) => area.counts[name] > 0).map((name) => `${area.counts[name]} ${statusWord(name)}`);
  return el(
    "details",
    { id: `area-${area.area}`, "data-key": area.area },
    el("summary", {}, el("h3", {}, area.title), el("span", { class: "aside" }, counts.join(" · "))),
    el("ul", { class: "items" }, items.map(indicator)),
  );
}

function indicator(item) {
  const several = item.targets.length > 1;
  const custodians = item.custodians.map(({ name }) => name).join(", ");
  const watch = item.targets.map((target) => `${target.status} ${target.said}`).join();
  return el(
    "li",
    { "data-key": item.code, "data-watch": watch },
    el("h4", {}, el("button", { type: "button", "data-open": item.code, "aria-haspopup": "dialog" }, item.title)),
    el("ul", { class: "targets" }, item.targets.map((target) => aimed(target, several))),
    el("p", { class: "note" }, item.custodians.length > 1 ? "Custodians: " : "Custodian: ", custodians),
  );
}

function aimed(target, several) {
  const { place, aim } = wording(target, several);
  return el(
    "li",
    { class: target.part_of ? "part" : null },
    chip(target.status),
    el("span", {}, several ? `${place}: ` : null, el("b", {}, said(target.result, aim)), el("span", { class: "against" }, ` against ${aim}`)),
  );
}

/** A link to an area opens its list, also when the address names it as the page is opened. */
export function openArea(hash) {
  const area = hash.startsWith("#area-") ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  if (!area) return;
  area.open = true;
  area.querySelector("summary").focus();
  area.scrollIntoView({ block: "start" });
}
