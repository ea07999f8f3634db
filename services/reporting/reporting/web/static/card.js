// An indicator's card: why its targets stand where they stand, their history, who is responsible, what is being done.

import { find } from "./api.js";
import { el, show } from "./elements.js";
import { chip } from "./status.js";
import { day, moment, origin, said, source, spaced, statusWord, withDays, wording } from "./words.js";

const dialog = document.querySelector("#card");

/** Which indicator's card is open, or null. */
export const opened = () => (dialog.open ? dialog.dataset.code : null);

/** Opens the card; its title is there at once, the rest when it has been read. Throws Problem. */
export async function openCard(plan, code, title, names) {
  dialog.dataset.code = code;
  show(dialog, head("", title), el("div", { class: "skeleton" }));
  dialog.showModal();
  dialog.scrollTop = 0;
  try {
    await refreshCard(plan, names);
  } catch (problem) {
    show(dialog, head("", title), el("p", { class: "problem", role: "alert" }, problem.message));
  }
}

export async function refreshCard(plan, names) {
  const code = opened();
  const card = code && (await find(`indicators/${encodeURIComponent(code)}`, { plan }));
  if (!card || opened() !== code) return;
  show(dialog, head(card.area_title, card.title), ...body(card, names));
}

function head(area, title) {
  return [
    el("button", { type: "button", class: "close", "data-close": true, "aria-label": "Close" }, "✕"),
    el("header", { class: "card-head" }, el("p", { class: "eyebrow" }, area || "Indicator"), el("h2", { id: "card-title" }, title)),
  ];
}

function body(card, names) {
  const phases = [...new Set(card.state.map((target) => target.phase))].reverse();
  return [
    part("people", "Responsible", el("p", {}, card.custodians.map(({ name }) => name).join(", "))),
    ...phases.map((phase) => part(`phase-${phase}`, `Targets ${phase}`, targets(card, phase))),
    part("actions", "Accelerating actions", actions(card, names)),
    part("history", "History", history(card, names)),
    part("source", "Source", el("p", { class: "note" }, source(card.provenance) || "No source is given.",
      card.fed_by ? " Its results are taken from staffing snapshots, with no hand in between." : null)),
  ];
}

const part = (key, title, ...content) => el("section", { "data-key": key }, el("h3", {}, title), ...content);

function targets(card, phase) {
  const among = card.state.filter((target) => target.phase === phase);
  return el("ul", { class: "standing" }, among.map((target) => {
    const { place, aim } = wording(target, among.length > 1);
    const why = card.why.find((one) => one.phase === phase && one.place === target.place);
    return el("li", { "data-key": target.place, "data-watch": `${target.status} ${target.said}` },
      el("p", { class: "standing-head" }, chip(target.status), el("span", {}, among.length > 1 ? place : null)),
      el("dl", {},
        el("div", {}, el("dt", {}, "Result"), el("dd", {}, said(target.result, aim))),
        el("div", {}, el("dt", {}, "Target"), el("dd", {}, aim))),
      el("p", { class: "because" }, why ? withDays(why.because) : null),
      el("p", { class: "note" }, why ? basis(why, target.result) : null,
        target.part_of ? " A part of the whole organisation's target, not counted again." : null));
  }));
}

function basis(why, result) {
  if (why.derived_from) {
    const { as_of: asOf, source: from, revision } = why.derived_from;
    return `Counted from the staffing snapshot of ${day(asOf)} (${from}, revision ${revision}), with no hand in between.`;
  }
  const from = source(result?.provenance);
  return [result?.comment, from && `From ${from}.`].filter(Boolean).join(" ");
}

function actions(card, names) {
  if (card.actions.length === 0) return el("p", { class: "note" }, "None is recorded.");
  return el("ul", { class: "actions" }, card.actions.map((action) => {
    const whom = action.custodians.map((unit) => names.get(unit) ?? unit).join(", ");
    const more = [action.due && `due ${day(action.due)}`, action.needs_funding && "needs funding"].filter(Boolean);
    return el("li", { "data-key": action.code, "data-watch": action.state },
      el("p", {}, action.none_required ? "On target: no action is needed." : action.text),
      el("p", { class: "note" }, el("b", {}, spaced(action.state)), [...more, whom].map((words) => ` · ${words}`)));
  }));
}

function history(card, names) {
  const several = new Set(card.state.map((target) => target.place)).size > 1;
  const aims = new Map(card.state.map((target) => [`${target.phase} ${target.place}`, wording(target, several)]));
  const told = [...card.history].reverse().map((entry) => {
    const known = aims.get(`${entry.phase} ${entry.place}`);
    return el("li", { "data-key": `${entry.at} ${entry.phase} ${entry.place}` },
      el("b", {}, day(entry.result.as_of)), " ",
      several && known ? `${known.place}: ` : null, said(entry.result, known?.aim), ", ", statusWord(entry.status),
      entry.event.includes("sent-back") ? `, sent back: ${entry.result.review_reason}` : null,
      el("small", {}, ` ${origin(entry.result, names)}, ${moment(entry.at)}`));
  });
  const earlier = card.earlier.map((entry) =>
    el("li", { "data-key": `earlier ${entry.phase}` }, el("b", {}, entry.phase), ` ${statusWord(entry.status)}. `, el("small", {}, entry.text)));
  return el("ol", { class: "history" }, told, earlier);
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});
