// The words and figures of the page: statuses, places, numbers, dates, results.

export const STATUSES = {
  mid_cycle: ["on_track", "not_on_track", "data_unavailable"],
  end_of_cycle: ["met", "not_met", "data_unavailable"],
};

const STATUS = {
  on_track: "on track",
  not_on_track: "not on track",
  met: "met",
  not_met: "not met",
  data_unavailable: "data unavailable",
};

const PLACES = {
  global: "Whole organisation",
  "region:africa": "Africa",
  "region:americas": "Americas",
  "region:arab-states": "Arab States",
  "region:asia-pacific": "Asia and the Pacific",
  "region:europe-central-asia": "Europe and Central Asia",
  "portfolio:policy": "Policy portfolio",
  "portfolio:management-reform": "Management and Reform portfolio",
  "portfolio:field-operations": "Field Operations and Partnerships portfolio",
};

const DOCUMENTS = {
  "apge-2018-21-accelerating-actions": "the paper on accelerating actions of the Action Plan 2018-21",
  "apge-2008-09-gb300-5": "the Action Plan 2008-09 as submitted to the Governing Body (GB.300/5)",
  "programme-implementation-2020-21": "the report on programme implementation 2020-21",
  "hr-strategy-2022-25-progress-2022": "the progress report on the human resources strategy 2022-25",
  "gem-evaluation-2016-21-recommendations": "the evaluation of 2016-21",
};

const PARTS = { at_least: "at least", at_most: "at most", exactly: "exactly" };
const figures = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export const statusWord = (status) => STATUS[status] ?? status;
export const number = (value) => (value === null || value === undefined ? "–" : figures.format(value));
export const percent = (value) => (value === null || value === undefined ? "–" : `${figures.format(value)}\u00a0%`);
/** A sum of money, to one decimal where it has one. */
export const amount = (value) => (value === null || value === undefined ? "no figure" : figures.format(value));
export const today = () => new Date().toISOString().slice(0, 10);
export const day = (iso) => days.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`));
export const moment = (iso) => moments.format(new Date(iso));
export const spaced = (code) => code.replaceAll("_", " ").replaceAll("-", " ");

/** "just now", "4 min ago", "3 h ago", and the day for what is older. */
export function ago(iso) {
  const minutes = Math.floor((Date.now() - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return day(new Date(iso).toISOString());
}

/** A place in words; `title` is what the server calls it. */
export function placeName(place, title) {
  const name = place.split(":").at(-1);
  return PLACES[place] ?? title ?? name.charAt(0).toUpperCase() + spaced(name).slice(1);
}

/** A target's place and wording. "Africa: 27 per cent" names its place itself, where an indicator has several. */
export function wording(target, several) {
  const [label, ...rest] = target.text.split(": ");
  if (several && rest.length > 0) return { place: label, aim: rest.join(": ") };
  return { place: placeName(target.place), aim: target.text };
}

/** A result in words, as its source says it or made from its figures with the indicator's unit. */
export function said(result, unit) {
  if (!result) return "no result yet";
  if (result.text) return withoutPlace(result.text);
  if (result.no_data) return `no data (${spaced(result.no_data)})`;
  if (result.parts) return result.parts.map(part).join(", ");
  if (result.category) return spaced(result.category);
  if (result.reached !== undefined && result.reached !== null) return result.reached ? "reached" : "not reached";
  const counted = result.numerator === undefined ? "" : ` (${number(result.numerator)} of ${number(result.denominator)})`;
  return `${number(result.value)}${unit ? ` ${unit}` : ""}${counted}`;
}

/** "38 → 37.1 per cent", or both in full where they are not plain figures of one unit. */
export function step(before, after, unit) {
  const from = unit ? figureOf(before) : null;
  const to = unit ? figureOf(after) : null;
  if (from !== null && to !== null) return `${from} → ${to} ${unit}`;
  return `${said(before, unit)} → ${said(after, unit)}`;
}

const figureOf = (result) => (result?.value === undefined || result.value === null ? null : number(result.value));
const withoutPlace = (text) => text.replace(/^[A-Z][^:.]{2,60}: /, "").replace(/\.$/, "");

function part({ name, value, reached, operator }) {
  if (operator) return `${name} ${PARTS[operator] ?? operator} ${value === null ? "" : number(value)}`.trim();
  return `${name} ${value === undefined || value === null ? (reached ? "reached" : "not reached") : number(value)}`;
}

// A measure that is drawn from a register has its name as its source.
const REGISTERS = { scorecards: "the meetings with a scorecard", participation: "the register of participation", compliance: "the register of compliance", exits: "the register of exits", vacancies: "the register of vacancies" };

/** What a figure that came by itself was counted from: "the staffing snapshot of 31 Dec 2021". */
export const counted = ({ source: from, as_of: asOf }) => REGISTERS[from] ? `${REGISTERS[from]} until ${day(asOf)}` : `the staffing snapshot of ${day(asOf)}`;

/** Where a result comes from: a staffing snapshot, a register, or whoever recorded it. */
export function origin(result, names) {
  if (result?.derived_from) return `from ${counted(result.derived_from)}`;
  const [role, units] = (result?.recorded_by ?? "").split(":");
  const whom = units?.split("+").map((unit) => names.get(unit) ?? unit);
  return whom ? `reported by ${whom.join(", ")}` : role && `recorded by ${role}`;
}

/** Where it stands in the source: "the paper on …, Appendix, row 1, “2020 results”". */
export function source(provenance) {
  if (!provenance) return "";
  const { document, table, row, column } = provenance;
  const place = row && (/^[\d.]+$/.test(row) ? `row ${row}` : row);
  return [DOCUMENTS[document] ?? document, table, place, column && `“${column}”`].filter(Boolean).join(", ");
}

/** A sentence of the server with its dates as people write them. */
export const withDays = (sentence) => sentence.replace(/\d{4}-\d{2}-\d{2}/g, day);
