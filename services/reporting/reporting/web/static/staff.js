// The words of the staff: groups and dimensions of measures, states of parity, changes.

import { el, symbol } from "./elements.js";
import { number, placeName, spaced } from "./words.js";

const DIMENSIONS = {
  grade: "Grade",
  category: "Category",
  contract_source: "Contracts",
  region: "Region",
  duty_station: "Duty station",
  portfolio: "Portfolio",
  unit: "Unit",
  age_band: "Age",
};

const GROUPS = {
  general_service: "General Service",
  national_officer: "National Officers",
  professional: "Professional, P1 to P4",
  senior: "P5 and above",
  senior_regular_budget: "P5 and above, regular budget",
  senior_other_funding: "P5 and above, other funding",
  regular_budget: "Regular budget",
  development_cooperation: "Development cooperation",
  other_funding: "Other funding",
  other: "Other",
  under_30: "Under 30",
  "30_39": "30 to 39",
  "40_49": "40 to 49",
  "50_59": "50 to 59",
  "60_and_over": "60 and over",
  not_stated: "Not stated",
};

const STATES = { below: "below parity", at_parity: "at parity", above: "above parity" };
const signed = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2, signDisplay: "exceptZero" });

export const dimensionWord = (dimension) => DIMENSIONS[dimension] ?? capital(spaced(dimension));
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const stateWord = (state) => STATES[state];
export const plus = (value) => signed.format(value).replace("-", "\u2212");
/** Neither women nor men are shown. Of flows one of the two may be. */
export const isWithheld = (line) => line.women === null && line.men === null;
export const FEW = "too few to show";
/** A count in words: one that is withheld beside one that is shown. */
export const countWords = (count) => (count === null ? el("i", { class: "one-few" }, "too few") : number(count));

/** A group of one dimension in words; `units` names units by code. */
export function groupName(dimension, group, units) {
  if (dimension === "region" || dimension === "portfolio") return placeName(`${dimension}:${group}`).replace(/ portfolio$/, "");
  if (dimension === "unit") return units.get(group) ?? group;
  if (dimension === "grade" || dimension === "duty_station") return group;
  return GROUPS[group] ?? capital(spaced(group));
}

/** What a measure is drawn by: "Grade, regular budget"; "Region, P5 and above". */
export function choiceName({ code, title }) {
  const words = title.replace(/^Women and men by /, "").replace(/^Women in posts at P5 and above, regular budget, by /, "");
  return capital(code.startsWith("women-p5-plus") ? `${words}, P5 and above` : words);
}

/** The state of parity of a line as its shape and its words. */
export function stateChip({ parity, women, men }) {
  if (parity === null) return el("span", { class: "chip none" }, women === null || men === null ? "not shown" : "nobody");
  return el("span", { class: "chip", "data-parity": parity.state }, symbol(parity.state), ` ${stateWord(parity.state)}`);
}

/** How many of whom are needed, in place of the others: "12 women", "37 men", "nobody". */
export function neededWords(parity) {
  if (parity === null) return "–";
  const { women_needed: women, men_needed: men } = parity;
  if (women === null) return "too few people for the band";
  if (women > 0) return counted(women, "woman", "women");
  return men > 0 ? counted(men, "man", "men") : "nobody";
}

/** The same as a sentence. */
export function neededSentence(parity, band) {
  const { women_needed: women, men_needed: men } = parity;
  if (women === null) return "No split of so few people lies within the band.";
  if (women > 0) return `${counted(women, "woman", "women")} in place of ${women === 1 ? "a man" : "men"} would bring it to ${number(band.from)} per cent.`;
  if (men > 0) return `${counted(men, "man", "men")} in place of ${men === 1 ? "a woman" : "women"} would bring it to ${number(band.to)} per cent.`;
  return "Nobody is needed: it is within the band.";
}

const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/** "+0.5 points"; what is not known stays a dash. */
export const pointsOf = (change) => (change === null ? "–" : change.points === 0 ? "no change" : `${plus(change.points)} ${Math.abs(change.points) === 1 ? "point" : "points"}`);
