// The inputs of a scene: only those that it needs, as native elements that a keyboard and a screen
// reader know.

/** @import { Control, Input, ShownControl } from "./contract.js" */

import { el } from "./dom.js";
import { carried, shown, typed } from "./numbers.js";
import { say, t } from "./words.js";

/**
 * A control and how it stands.
 * @typedef {object} Given
 * @property {string} name
 * @property {ShownControl} spec
 * @property {Input} value
 * @property {(value: Input) => void} change called with each new value
 * @property {boolean} wrong whether the value was refused
 */

/** @param {string} name */
const label = (name) => t(`control.${name}`);

/**
 * Return a control's element under its name.
 * @param {string} name
 * @param {Control} spec
 * @param {...any} children
 */
const named = (name, spec, ...children) =>
  el("label", { class: spec.half ? "half" : null }, label(name), ...children);

/** @param {Given} given */
function range({ name, spec, value, change }) {
  const show = (v) => {
    if (spec.unit === "%" && typeof v === "number") return `${Math.round(v * 100)} %`;
    const number = shown(v, carried(spec.step, 4));
    return spec.unit ? `${number} ${spec.unit}` : number;
  };
  // the slider says its value itself
  const told = el("output", { text: show(value), "aria-live": "off" });
  return named(
    name,
    spec,
    told,
    el("input", {
      type: "range",
      "data-key": `control.${name}`,
      min: spec.min,
      max: spec.max,
      step: spec.step,
      value,
      "aria-valuetext": show(value),
      oninput: (event) => {
        told.textContent = show(Number(event.target.value));
        event.target.setAttribute("aria-valuetext", told.textContent);
        change(Number(event.target.value));
      },
    }),
  );
}

/**
 * Return an option's name: its own (a letter that is stored), or a word.
 * @param {Control} spec
 * @param {number} i
 */
const optionName = ({ labels, options = [] }, i) =>
  labels ? say(labels[i]) : t(`option.${options[i]}`);

/** @param {Given} given */
function choice({ name, spec, value, change }) {
  const options = spec.options || [];
  if (options.length > 4 || spec.list)
    return named(
      name,
      spec,
      el(
        "select",
        {
          "data-key": `control.${name}`,
          onchange: (event) => change(options[event.target.selectedIndex]),
        },
        options.map((o, i) => el("option", { selected: o === value, text: optionName(spec, i) })),
      ),
    );
  const option = (o, i) =>
    el(
      "label",
      { class: o === value ? "on" : null },
      el("input", {
        type: "radio",
        name,
        value: o,
        checked: o === value,
        "data-key": `control.${name}.${o}`,
        onchange: () => change(o),
      }),
      el("span", { text: optionName(spec, i) }),
    );
  return el(
    "div",
    { class: "choice" },
    el("span", { "aria-hidden": "true", text: label(name) }),
    el("div", { class: "seg", role: "radiogroup", "aria-label": label(name) }, options.map(option)),
  );
}

/** @param {Given} given */
function number({ name, spec, value, change, wrong }) {
  return named(
    name,
    spec,
    el("input", {
      class: "number",
      "data-key": `control.${name}`,
      inputmode: "decimal",
      value: typeof value === "number" ? shown(value, carried(value)) : (value ?? ""),
      "aria-invalid": wrong ? "true" : null,
      onchange: (event) => change(typed(event.target.value)),
      onkeydown: (event) => {
        const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!step || typeof value !== "number") return;
        event.preventDefault();
        event.target.value = String(value + step * (spec.step || 1));
        event.target.dispatchEvent(new Event("change"));
      },
    }),
  );
}

/** @param {Given} given */
const check = ({ name, spec, value, change }) =>
  el(
    "label",
    { class: spec.half ? "check half" : "check" },
    el("span", { text: label(name) }),
    el("input", {
      type: "checkbox",
      role: "switch",
      "data-key": `control.${name}`,
      checked: value,
      onchange: (event) => change(event.target.checked),
    }),
  );

/** @param {Given} given */
const button = ({ name, spec, value, change }) =>
  el("button", {
    class: "tool",
    "data-key": `control.${name}`,
    onclick: () => change(spec.cycle ? (value + 1) % spec.cycle : (value ?? 0) + 1),
    text: label(name),
  });

/** @param {Given} given */
const text = ({ name, spec, value, change, wrong }) =>
  el(
    "label",
    { class: spec.wide ? "whole" : null },
    label(name),
    el("input", {
      class: "words",
      "data-key": `control.${name}`,
      maxlength: spec.max || 64,
      value: value ?? spec.value ?? "",
      "aria-invalid": wrong ? "true" : null,
      onchange: (event) => change(event.target.value),
    }),
  );

/**
 * An action is asked for once: the board answers with the inputs that it leads to.
 * @param {Given} given
 */
const action = ({ name, change }) =>
  el("button", {
    class: "tool third",
    "data-key": `control.${name}`,
    onclick: () => change(true),
    text: label(name),
  });

/** @type {Record<Control["kind"], (given: Given) => HTMLElement>} */
const KINDS = { range, choice, number, check, button, text, action };

/**
 * Return a control.
 * @param {Given} given
 */
export function control(given) {
  const made = KINDS[given.spec.kind](given);
  if (!given.spec.off) return made;
  const parts = [made, ...made.querySelectorAll("input, select, button")];
  for (const one of parts) if ("disabled" in one) one.disabled = true;
  made.classList.add("off");
  made.title = t("not_recorded");
  return made;
}
