// Building pages without markup in strings: `el` makes an element, `show` brings a part of the page to a new state.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Attributes that are null or false are left out; children may be nodes, texts, lists of them, or null. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** An element of a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** The shape of a status, drawn in the colour of the text around it. */
export function symbol(status) {
  return drawn("svg", { class: "symbol", "aria-hidden": "true" }, drawn("use", { href: `#symbol-${status}` }));
}

/**
 * Makes the children of `parent` those that are given, and keeps the nodes that are there already: focus, open details and the
 * reader's place survive. Children with `data-key` are known by it; a change of `data-watch`, or a new child with it (but for one with
 * `data-still`, which was only unfolded), is lit up.
 */
export function show(parent, ...children) {
  const wanted = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
  const nodes = wanted.map((child) => (typeof child === "string" ? document.createTextNode(child) : child));
  const keyed = new Map([...parent.children].filter((one) => one.dataset.key).map((one) => [one.dataset.key, one]));
  const news = keyed.size > 0;
  let next = parent.firstChild;
  for (const node of nodes) {
    const same = node.dataset?.key ? keyed.get(node.dataset.key) : alike(next, node) ? next : null;
    if (same) {
      if (same === next) next = next.nextSibling;
      else parent.insertBefore(same, next);
      update(same, node);
    } else {
      parent.insertBefore(node, next);
      if (news && node.dataset?.watch && node.dataset.still === undefined) lightUp(node);
    }
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function alike(there, node) {
  return there && there.nodeName === node.nodeName && !there.dataset?.key && !node.dataset?.key;
}

function update(there, node) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (there.data !== node.data) there.data = node.data;
    return;
  }
  const changed = there.dataset.watch !== undefined && there.dataset.watch !== node.dataset.watch;
  for (const { name } of [...there.attributes]) {
    if (!node.hasAttribute(name) && name !== "open" && name !== "style") there.removeAttribute(name);
  }
  for (const { name, value } of node.attributes) {
    if (name !== "style" && there.getAttribute(name) !== value) there.setAttribute(name, value);
  }
  // the page's policy forbids the attribute; the property is allowed
  if (there.style.cssText !== node.style.cssText) there.style.cssText = node.style.cssText;
  show(there, ...node.childNodes);
  if (changed) lightUp(there);
}

/** Draws the eye to what has just changed: a fading ground, or a still one for those who want no motion. */
export function lightUp(element) {
  const light = getComputedStyle(document.documentElement).getPropertyValue("--fresh").trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const end = still ? light : "transparent";
  element.animate([{ backgroundColor: light }, { backgroundColor: light, offset: 0.4 }, { backgroundColor: end }], 4500);
}
