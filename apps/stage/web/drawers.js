// The three drawers under the stage: your turn, code, take away.

import { el } from "./dom.js";
import { list, say, t } from "./words.js";
import { digits, shown, typed } from "./numbers.js";

const rightTo = (given, value, places) => typeof given === "number" && Math.abs(given - value) <= 0.5 * 10 ** -places + 1e-12;

/** Return the exercise: blanks that are marked entry by entry, and the answer on request. */
export function turn(exercise, page) {
  if (!exercise) return el("p", { text: t("no_turn") });
  const fields = [];
  const told = el("p", { class: "marks", role: "status" });
  const table = (item) =>
    el(
      "figure",
      { class: "matrix", style: `--c:var(--${item.role})` },
      el("figcaption", { text: say(item.label) }),
      el(
        "table",
        { class: "m", "aria-label": say(item.label) },
        el("tbody", null, item.rows.map((line, i) =>
          el("tr", null, line.map((value, j) => {
            const field = el("input", { class: "blank", inputmode: "decimal", "aria-label": `${say(item.label)} ${i + 1}${line.length > 1 ? `, ${j + 1}` : ""}` });
            fields.push({ field, value });
            return el("td", null, field);
          })),
        )),
      ),
    );
  const mark = () => {
    let right = 0;
    for (const { field, value } of fields) {
      const ok = rightTo(typed(field.value), value, digits());
      right += ok;
      field.dataset.mark = field.value.trim() === "" ? "" : ok ? "right" : "wrong";
      field.setAttribute("aria-invalid", String(!ok));
    }
    told.textContent = t("marked", { right, of: fields.length, digits: digits() });
    if (right === fields.length) page.reveal(true);
  };
  const reveal = () => {
    for (const { field, value } of fields) {
      if (!rightTo(typed(field.value), value, digits())) field.title = field.value ? `${t("you_wrote")} ${field.value}` : "";
      field.placeholder = shown(value, digits());
      if (field.value.trim() !== "" && !rightTo(typed(field.value), value, digits())) field.closest("td").dataset.right = shown(value, digits());
    }
    page.reveal(true);
  };
  const options = exercise.choices?.map((label, k) =>
    el("button", { class: "tool", onclick: (event) => {
      told.textContent = t(k === exercise.answer ? "right_choice" : "wrong_choice");
      event.currentTarget.dataset.mark = k === exercise.answer ? "right" : "wrong";
      if (k === exercise.answer) page.reveal(true);
    }, text: say(label) }),
  );
  return el(
    "form",
    { class: "turn", onsubmit: (event) => { event.preventDefault(); mark(); } },
    el("p", null, say(exercise.ask), fields.length || exercise.blanks?.length ? ` ${t("to_digits", { digits: digits() })}` : ""),
    el("div", { class: "row" }, (exercise.blanks || []).map(table), options || []),
    el("div", { class: "tools" },
      fields.length ? el("button", { class: "tool go", text: t("mark") }) : null,
      el("button", { class: "tool", type: "button", onclick: reveal, text: t("show_values") }),
      el("a", { class: "tool", href: page.sheet("blank"), target: "_blank", text: t("worksheet") }),
      el("a", { class: "tool", href: page.sheet("answers"), target: "_blank", text: t("answer_sheet") })),
    told,
  );
}

/** Return the sources that ran, asked for once they are looked at. */
export function code(server, ask) {
  const box = el("div", { class: "code", "aria-busy": "true" }, t("loading"));
  server(ask).then((reply) => {
    box.removeAttribute("aria-busy");
    box.replaceChildren(...reply.map((one) => {
      const source = el("pre", { tabindex: "0", "aria-label": one.name });
      source.innerHTML = one.html; // made by pygments from our own source, escaped there
      return el("section", null, el("h2", { text: `${one.module}.${one.name}` }), source);
    }));
  }, (error) => box.replaceChildren(error.message));
  return box;
}

function save({ name, mime, data }) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Return the buttons that fetch figure, numbers and animation. */
export function take(server, ask, animated, run) {
  const told = el("p", { role: "status" });
  const names = list("take");
  const get = (kind) => async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    told.textContent = t("making");
    try {
      const file = await server({ ...ask(), kind, ...run(kind) });
      save(file);
      told.textContent = t("saved", { name: file.name });
    } catch (error) {
      told.textContent = error.message;
    }
    button.disabled = false;
  };
  return el("div", { class: "take" },
    el("div", { class: "tools" }, Object.keys(names).filter((kind) => kind !== "gif" || animated).map((kind) =>
      el("button", { class: "tool", onclick: get(kind) }, el("b", { text: kind.toUpperCase() }), ` ${names[kind]}`))),
    told);
}
