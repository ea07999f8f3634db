// An indicator's card: why its targets stand where they stand, their history, who is responsible, what is being done.

import { find } from "./api.js";
import { el, show } from "./elements.js";
import { chip } from "./status.js";
import { course } from "./remedies.js";
import { counted, day, moment, origin, placeName, said, source, spaced, statusWord, withDays, wording } from "./words.js";

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
    part("people", "Responsible", el("p", {}, card.custodians.map(({ name }) => name).join(", ")), before(card)),
    about(card),
    ...phases.map((phase) => part(`phase-${phase}`, `Targets ${phase}`, targets(card, phase))),
    remedial(card),
    part("actions", "Accelerating actions", actions(card.actions.filter(({ kind }) => kind !== "remedial"))),
    part("history", "History", history(card, names)),
    part("source", "Source", el("p", { class: "note" }, source(card.provenance) || "No source is given.",
      card.fed_by ? " Its results are taken from staffing snapshots, with no hand in between." : null)),
  ];
}

/** Who kept it before, where somebody did. */
function before(card) {
  const ended = card.custodianships.filter(({ until }) => until !== null);
  if (ended.length === 0) return null;
  const words = ended.map(({ name, since, until }) => `${name} (${since ? `${day(since)} to` : "until"} ${day(until)})`);
  return el("p", { class: "note" }, `Before: ${words.join(", ")}.`);
}

/** What is measured, from where it started, and what it may be compared with. */
function about(card) {
  const { predecessor: old } = card;
  const rows = [
    ["What is measured", card.definition],
    ["Unit", card.unit],
    ["Levels, lowest first", card.categories?.map(spaced).join(", ")],
    ["Where it started", card.baseline_said && [card.baseline_said, el("small", {}, ` ${source(card.baseline.provenance)}`)]],
    ["Asks for the same as", card.aligned_with.length > 0 && card.aligned_with.map((other) => el("p", {}, link(other)))],
    ["In the plan before", old && [link(old), el("small", {}, ` ${compared(old)}`)]],
  ].filter(([, value]) => value);
  if (rows.length === 0) return null;
  return part("about", "About this indicator",
    el("dl", { class: "about" }, rows.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value)))));
}

const link = ({ plan, code, title }) => el("a", { href: `/?${new URLSearchParams({ plan })}` }, title ?? `${code} (${plan})`);

function compared({ comparable, comparability }) {
  const words = { true: "One trend may be drawn over both.", false: "Not comparable: no trend is drawn over both." };
  return [words[comparable], comparability].filter(Boolean).join(" ");
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
        el("div", {}, el("dt", {}, "Result"), el("dd", {}, said(target.result, card.unit))),
        el("div", {}, el("dt", {}, "Target"), el("dd", {}, aim))),
      el("p", { class: "because" }, why ? withDays(why.because) : null),
      el("p", { class: "note" }, why ? basis(why, target.result) : null,
        target.part_of ? " A part of the whole organisation's target, not counted again." : null),
      breakdown(target.result, card.unit),
      proof(target.result, card.documents));
  }));
}

function breakdown(result, unit) {
  const cells = result?.breakdown ?? [];
  if (cells.length === 0) return null;
  return el("table", { class: "sums" },
    el("caption", { class: "unseen" }, "The result by category"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Of which"), el("th", { scope: "col", class: "number" }, "Result"))),
    el("tbody", {}, cells.map((cell) => el("tr", { "data-key": `${cell.dimension} ${cell.category}` },
      el("th", { scope: "row" }, placeName(cell.category), " ", el("small", {}, spaced(cell.dimension))),
      el("td", { class: "number" }, said(cell, unit))))));
}

/** The evidence that was given, each with its address; a document that was withdrawn proves nothing any more. */
function proof(result, documents) {
  const cited = result?.evidence ?? [];
  if (cited.length === 0) return null;
  const known = new Map(documents.map((document) => [document.code, document]));
  return el("p", { class: "note" }, "Evidence: ", cited.map((one, place) => {
    const document = known.get(one.document);
    const address = safe(one.url ?? document?.url);
    const title = address ? el("a", { href: address, rel: "noreferrer" }, one.title) : one.title;
    const withdrawn = document?.withdrawn ? ` (withdrawn: ${document.reason ?? "no reason given"})` : null;
    return [place > 0 ? "; " : null, title, withdrawn];
  }));
}

const safe = (address) => (/^https?:[/][/]/.test(address ?? "") ? address : null);

function remedial(card) {
  const among = card.actions.filter(({ kind }) => kind === "remedial");
  return among.length === 0 ? null : part("remedies", "Remedial actions", actions(among, card.title));
}

function basis(why, result) {
  if (why.derived_from) {
    const { source: from, revision } = why.derived_from;
    return `Counted from ${counted(why.derived_from)} (${from}, revision ${revision}), with no hand in between.`;
  }
  const from = source(result?.provenance);
  return [result?.comment, from && `From ${from}.`].filter(Boolean).join(" ");
}

function actions(among, title = "") {
  if (among.length === 0) return el("p", { class: "note" }, "None is recorded.");
  return el("ul", { class: "actions" }, among.map((action) =>
    el("li", { "data-key": action.code, "data-watch": action.state },
      el("p", {}, action.none_required ? "On target: no action is needed." : action.text.replace(`${title}: `, "")),
      el("p", { class: "note" }, course(action)),
      action.note ? el("p", { class: "note" }, action.note) : null)));
}

/** A result is told once, also where its target fell back by it. */
function alone(entry, place, all) {
  const same = (one) => one.phase === entry.phase && one.place === entry.place && one.result.number === entry.result.number;
  return entry.regressed || !all.slice(place + 1).some((one) => one.regressed && same(one));
}

function history(card, names) {
  const several = new Set(card.state.map((target) => target.place)).size > 1;
  const aims = new Map(card.state.map((target) => [`${target.phase} ${target.place}`, wording(target, several)]));
  const told = card.history.filter(alone).reverse().map((entry) => {
    const known = aims.get(`${entry.phase} ${entry.place}`);
    return el("li", { "data-key": `${entry.at} ${entry.phase} ${entry.place}` },
      el("b", {}, day(entry.result.as_of)), " ",
      several && known ? `${known.place}: ` : null, said(entry.result, card.unit), ", ", statusWord(entry.status),
      entry.regressed ? el("b", { class: "fell" }, ` Fell back from ${statusWord(entry.before)} in ${entry.before_phase}`) : null,
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
