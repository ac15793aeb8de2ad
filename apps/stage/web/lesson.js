// A lesson: scenes to page through, a stage with its transport, facts with their checks, three drawers.

import { copy, el, rich } from "./dom.js";
import { filled, lang, list, say, speak, t } from "./words.js";
import { setDigits, shown, tiny, typed } from "./numbers.js";
import { draw } from "./widgets.js";
import { Player } from "./player.js";
import { control } from "./controls.js";
import { code, take, turn } from "./drawers.js";
import { sheet } from "./sheet.js";
import { fit } from "./fit.js";
import { Run } from "./live.js";
import { tally } from "./contest.js";
import { hold, reachable } from "./hold.js";
import { announce } from "./voice.js";
import { firstTheme, header, present, presenting } from "./header.js";
import * as link from "./link.js";

const TICKET = crypto.randomUUID?.() ?? String(Math.random()); // of this page, where others compute too
const SIGN = 150; // milliseconds until a line runs over the stage that waits
const PATIENCE = 900; // milliseconds until it is said in words, with a way to stop

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

class Lesson {
  constructor(root, site, server) {
    Object.assign(this, { root, site, server });
    this.scene = 0;
    this.inputs = {}; // of the board that is shown
    this.draft = {}; // what the controls show: refused values stay until they are mended
    this.typed = {}; // entries of matrices that were refused, as typed
    this.board = null;
    this.open = null;
    this.revealed = false;
    this.refused = null;
    this.asked = 0;
  }

  get words() {
    return this.site.text[lang()].scene[this.scene];
  }

  get preset() {
    return this.site.scenes[this.scene].inputs || {};
  }

  async start() {
    const wanted = Number(link.read("scene"));
    const count = this.site.scenes.length;
    this.scene = Number.isInteger(wanted) && wanted >= 1 && wanted <= count ? wanted - 1 : 0;
    this.draft = copy(this.preset);
    const packed = link.read("in");
    const changes = packed === null ? {} : await link.unpack(packed);
    if (changes) Object.assign(this.draft, changes);
    if (this.site.present || link.read("present") === "1") present(true);
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.run && this.player.pause()); // nobody looks: no training
    this.render();
    const step = Number(link.read("step") ?? NaN);
    await this.ask(Number.isInteger(step) ? step : undefined);
    if (!changes) this.refuse({ rule: "link", parts: {} });
    if (link.read("sheet")) sheet(this, link.read("sheet"));
    this.root.removeAttribute("aria-busy");
    document.fonts.ready.then(() => this.resize());
  }

  // ---- talking to the server

  async call(name, ask) {
    let reply;
    try {
      reply = JSON.parse(await this.server[name](ask));
    } catch {
      reply = { error: { rule: "unreachable", parts: {} } };
    }
    if (reply.error) {
      const error = new Error(this.sentence(reply.error));
      error.reason = reply.error;
      throw error;
    }
    return reply.ok;
  }

  /** Say why an input was refused, by the names that stand on the page and places counted from 1. */
  sentence({ rule, parts }) {
    const field = parts.field?.replace(/^params\./, "");
    const named = { ...parts };
    if (field !== undefined) named.field = Object.hasOwn(this.site.controls, field) ? `‘${t(`control.${field}`)}’` : field;
    if (parts.where) named.where = parts.where.replace(/\d+/g, (i) => Number(i) + 1);
    return filled(this.site.errors[lang()][rule], named);
  }

  /** Ask for the board of the draft; of answers that overtake each other only the last counts. */
  async ask(step, piece = false) {
    const mine = ++this.asked;
    const draft = copy(this.draft);
    const view = this.site.scenes[this.scene].view;
    const stage = this.root.querySelector(".stage");
    const signs = piece ? [] : [setTimeout(() => stage.setAttribute("aria-busy", "true"), SIGN), setTimeout(() => this.progressed(null, t("computing")), PATIENCE)];
    try {
      let board = await this.call("board", { view, inputs: draft, ticket: TICKET });
      while (board.wait && mine === this.asked) {
        signs.forEach(clearTimeout);
        this.waits(board.wait);
        board = await this.call("board", { view, inputs: draft, ticket: TICKET });
      }
      if (mine !== this.asked || this.painting) return; // what is being painted asks again when it is done
      this.accept(board, draft, step);
    } catch (error) {
      if (!error.reason) throw error;
      if (mine !== this.asked) return;
      this.refuse(error.reason);
    } finally {
      signs.forEach(clearTimeout);
      if (mine === this.asked) this.root.querySelector(".stage")?.removeAttribute("aria-busy");
      if (mine === this.asked && !this.board?.more) this.progress.hidden = true;
    }
  }

  /** Say how many are computed for before this page, and about how long that takes. */
  waits({ place, seconds }) {
    this.progressed(null, t("waiting", { place, seconds: Math.ceil(seconds) }));
  }

  /** Show progress: a share from 0 to 1, or null where it is not known. */
  progressed(share, said) {
    this.progress.hidden = false;
    const bar = this.progress.querySelector("progress");
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
    this.progress.querySelector("span").textContent = said;
  }

  /** Stop computing, and waiting: nothing more is asked for, so the server goes on with nothing. */
  stop() {
    this.stopped = true;
    this.asked++;
    this.root.querySelector(".stage").removeAttribute("aria-busy");
    this.progress.hidden = true;
    if (this.board && !same(this.draft, this.inputs)) this.root.querySelector(".show").classList.add("stale");
  }

  accept(board, draft, step) {
    const opening = this.board === null;
    const first = opening || step !== undefined;
    const more = board.more && board.more.done < board.more.of;
    // what an action made of the inputs: it, not the action, is what the link carries
    for (const [name, value] of Object.entries(board.inputs || {}))
      for (const into of [draft, this.draft]) {
        if (value === null) delete into[name];
        else into[name] = copy(value);
      }
    this.board = board;
    this.run = board.live ? new Run(this) : null;
    this.player.acts(board.live?.acts.slice(1) || []);
    this.inputs = draft;
    this.typed = {};
    this.refused = null;
    this.scale = null;
    this.remember();
    const start = this.site.scenes[this.scene].start ?? 0;
    const at = step ?? (first ? start : this.player.at);
    this.alert.replaceChildren();
    this.root.querySelector(".show").classList.remove("stale");
    this.renderControls();
    this.renderDrawer();
    this.player.go(at < 0 ? board.frames.length + at : at);
    if (!opening && !more) announce(this.heard);
    if (more) this.goOn(board.more);
    else this.progress.hidden = true;
  }

  /** A run took up changed inputs: they are what is shown now. */
  adapted(draft) {
    this.inputs = draft;
    this.refused = null;
    this.alert.replaceChildren();
    this.root.querySelector(".show").classList.remove("stale");
    this.remember();
    this.renderControls();
    if (this.open === "settings") this.renderDrawer();
    this.player.go(this.player.at);
    announce(this.heard);
  }

  /** Ask for what the draft says: a new board, or the next frames of the run that is on. */
  askAgain(restarts) {
    if (this.run && !restarts) this.run.adapt();
    else this.ask(this.run ? this.site.scenes[this.scene].start ?? 0 : undefined);
  }

  /** A long computation comes in short pieces: ask for the next one, unless the person stopped it. */
  goOn(more) {
    this.progressed(more.done / more.of, t("progress", more));
    if (this.stopped) return;
    this.draft = { ...this.draft, [more.input]: more.next };
    this.ask(Number.MAX_SAFE_INTEGER, true);
  }

  refuse(reason) {
    this.refused = reason;
    this.alert.replaceChildren(el("p", { role: "alert" }, this.sentence(reason)));
    this.root.querySelector(".show").classList.add("stale");
    this.renderControls();
    if (this.board) this.show(this.player.at);
  }

  /** Write the state into the address bar. */
  async remember() {
    const changes = Object.fromEntries(Object.entries(this.inputs).filter(([name, value]) => name !== this.board.more?.input && !same(value, this.preset[name])));
    const packed = Object.keys(changes).length ? await link.pack(changes) : null;
    link.write({ scene: this.scene + 1, lang: lang(), in: packed });
  }

  // ---- what a person does

  change(name, value) {
    const spec = this.site.controls[name];
    this.stopped = false;
    const local = spec.local && !this.draft[spec.unless];
    for (const other of spec.resets || []) if (other in this.preset) this.draft[other] = copy(this.preset[other]); else delete this.draft[other];
    Object.assign(this.draft, copy(spec.brings?.[value] || {}));
    if (spec.kind !== "action" || !spec.brings) this.draft[name] = value; // an action that only brings leaves no trace
    if (local) {
      this.inputs[name] = value;
      this.remember();
      this.renderControls();
      this.scale = null;
      this.show(this.player.at);
      announce(this.heard);
      return;
    }
    this.askAgain(spec.restarts);
    if (spec.kind === "action") delete this.draft[name]; // it is asked for once
  }

  /** Take a typed entry of a matrix: all refused entries of the same input go along with it. */
  edit(name, path, text) {
    this.typed[name] = { ...this.typed[name], [path.join(".")]: typed(text) };
    const whole = copy(this.board.values[name]);
    for (const [where, value] of Object.entries(this.typed[name])) {
      const steps = where.split(".").map((i) => (/^\d+$/.test(i) ? Number(i) : i));
      let at = whole;
      for (const i of steps.slice(0, -1)) at = at[i];
      at[steps.at(-1)] = value;
    }
    this.draft = { ...this.draft, [name]: whole };
    this.ask();
  }

  paint(name, path, bits) {
    let whole = bits;
    if (path.length) {
      whole = copy(this.board.values[name]);
      whole[path[0]] = bits;
    }
    this.draft = { ...this.draft, ...(this.board.pins?.[name] || {}), [name]: whole };
    this.askAgain();
  }

  go(scene) {
    if (scene < 0 || scene >= this.site.scenes.length) return;
    this.player.pause();
    Object.assign(this, { scene, draft: copy(this.preset), revealed: false, open: null, told: false, stopped: false, places: {} });
    this.draft = copy(this.preset);
    this.board = this.run = null;
    link.write({ step: null });
    this.render();
    announce(`${t("scene_of", { n: scene + 1, of: this.site.scenes.length })}. ${this.root.querySelector("h1").textContent}`);
    this.ask();
  }

  /** Space and → : first the answer, then the next scene. */
  onward() {
    if (!this.told) {
      const held = this.answer.contains(document.activeElement);
      this.told = true;
      this.renderAnswer();
      const told = this.root.querySelector(".told");
      if (held) told.focus();
      else announce(told.textContent);
    } else this.go(this.scene + 1);
  }

  key(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || !this.player) return;
    if (target.closest?.("input, select, textarea, [role=application]") && key !== "Escape") return;
    if (key === " " && target.closest?.("button, summary, a")) return;
    const act = {
      " ": () => this.onward(),
      ArrowRight: () => this.onward(),
      PageDown: () => this.onward(),
      ArrowLeft: () => this.go(this.scene - 1),
      PageUp: () => this.go(this.scene - 1),
      f: () => this.presented(),
      k: () => this.player.toggle(),
      ",": () => this.player.go(this.player.at - 1, true),
      ".": () => this.player.next(),
      Escape: () => (this.open && this.drawer.contains(target) ? this.shut() : presenting() ? this.presented() : target.blur?.()),
    }[key.length === 1 ? key.toLowerCase() : key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  language(other) {
    speak(other, ...this.tables());
    link.write({ lang: other });
    const { at, slow, timer } = this.player;
    this.render();
    if (slow) this.player.slower();
    this.scale = null;
    this.player.go(at);
    if (timer) this.player.toggle();
    if (this.refused) this.refuse(this.refused);
  }

  tables() {
    const table = (source, pick) => Object.fromEntries(Object.entries(source).map(([l, words]) => [l, pick(words)]));
    return [table(this.site.text, (w) => w.words), table(this.site.text, (w) => w), this.site.stage, this.site.errors];
  }

  presented() {
    present(!presenting());
    const at = this.player.at;
    this.scale = null;
    this.render();
    this.player.go(at);
  }

  // ---- drawing

  render() {
    const { title } = this.site.text[lang()];
    document.title = `${title} · ${t("brand")}`;
    const count = this.site.scenes.length;
    this.player?.pause();
    this.painting = false;
    const at = this.player?.at ?? 0;
    this.player = new Player({
      count: () => this.board?.frames.length ?? 1,
      grow: () => this.run?.more(),
      grows: () => Boolean(this.run),
      act: (name) => (name === "again" ? this.run.again() : this.run.act(name)),
      name: (i) => this.board?.frames[i]?.name,
      show: (i) => this.show(i),
      pace: () => this.site.scenes[this.scene].pace || 900,
      heard: () => announce(this.heard),
    });
    this.player.at = at;
    this.controls = el("div", { class: "ctl" });
    this.answer = el("div", { class: "answer" });
    this.alert = el("div", { class: "alert" });
    this.view = el("div", { class: "view" });
    this.watcher?.disconnect();
    this.watcher = new ResizeObserver(() => this.room());
    this.watcher.observe(this.view);
    this.facts = el("div", { class: "facts", role: "status", "aria-live": "off" });
    this.drawer = el("div", { class: "drawer", id: "drawer", role: "group", tabindex: "-1" });
    this.progress = el("div", { class: "progress", hidden: true }, el("progress", { max: 1, "aria-label": t("computing") }), el("span"), el("button", { class: "tool", text: t("stop"), onclick: () => this.stop() }));
    this.tabs = this.drawers.map((name) =>
      el("button", { "aria-expanded": "false", "aria-controls": "drawer", "data-key": `drawer.${name}`, onclick: (event) => this.toggle(name, event.detail === 0) }, el("span", { text: t(`${name}_name`) })));
    const main = el(
      "div", // Gradio's own main is around it
      { class: "lesson" },
      el(
        "section",
        { class: "scene", "aria-label": t("scene_of", { n: this.scene + 1, of: count }) },
        el(
          "div",
          { class: "claim" },
          el("div", { class: "dots" },
            el("span", { class: "marks" }, this.site.scenes.map((_, i) => el("button", { class: i <= this.scene ? "on" : null, "data-key": `dot.${i}`, "aria-label": t("scene_of", { n: i + 1, of: count }), "aria-current": i === this.scene ? "step" : null, onclick: () => this.go(i) }))),
            el("span", { text: t("scene_of", { n: this.scene + 1, of: count }) })),
          el("h1", { id: "content", tabindex: "-1" }, rich(this.words.claim)),
          (this.said = el("p", { class: "say" }, rich(this.words.say))),
          (this.aside = el("div")),
          (this.note = el("p", { class: "changed", hidden: true, text: t("changed") })),
        ),
        el("div", { class: "ask" }, el("b", { text: t("question") }), el("p", null, rich(this.words.ask)), this.answer),
        this.alert,
        this.controls,
        this.drawer,
      ),
      el(
        "section",
        { class: "show", "aria-label": t("stage_name") },
        el("div", { class: "stage" }, this.view, this.player.element),
        this.progress,
        this.facts,
        el("div", { class: "more" }, this.tabs),
      ),
    );
    const held = hold(this.root);
    this.root.replaceChildren(header(this.site, { language: (other) => this.language(other), presented: () => this.presented(), themed: () => this.resize() }), main);
    this.renderAnswer();
    if (this.board) {
      this.player.acts(this.board.live?.acts.slice(1) || []);
      this.renderControls();
      this.renderDrawer();
    }
    held();
  }

  /** Show the answer: under the question, or, for an audience, in place of the text beside it. */
  renderAnswer() {
    const told = this.told ? el("p", { class: "told", tabindex: "-1" }, rich(this.words.answer)) : null;
    const button = el("button", { class: "tool", onclick: () => this.onward() }, t("show_answer"), " ", el("kbd", { text: "Space" }));
    const beside = presenting() && told;
    this.answer.replaceChildren(told ? (beside ? "" : told) : button);
    this.aside.replaceChildren(beside || "");
    this.said.hidden = Boolean(beside);
  }

  renderControls() {
    const held = hold(this.controls);
    const names = (this.site.scenes[this.scene].controls || []).filter((name) => !this.board?.without?.includes(name));
    setDigits(this.draft.decimals ?? 4);
    const dragging = document.activeElement?.type === "range" && this.controls.contains(document.activeElement);
    if (!dragging || this.drawn !== names.join()) {
      this.controls.replaceChildren(
        ...this.fields(names),
        this.changed() ? el("button", { class: "tool quiet", onclick: () => this.reset(), text: t("reset") }) : "",
      );
      this.controls.hidden = names.length === 0;
      held();
    }
    this.drawn = names.join();
    this.note.hidden = !this.changed() || this.onlyLocal();
  }

  changed() {
    return Object.keys(this.draft).some((name) => name !== this.board?.more?.input && !same(this.draft[name], this.preset[name]));
  }

  /** Whether what was changed is only how numbers are shown. */
  onlyLocal() {
    return Object.keys(this.draft).every((name) => same(this.draft[name], this.preset[name]) || this.site.controls[name]?.local);
  }

  reset() {
    this.draft = copy(this.preset);
    this.typed = {};
    this.stopped = false;
    this.ask();
  }

  /** Open or shut a drawer; a keyboard goes along into it, and Escape comes back. */
  toggle(name, byKey) {
    if (!this.board) return;
    this.open = this.open === name ? null : name;
    this.revealed = false;
    this.scale = null;
    this.renderDrawer();
    const exercise = this.board.turn;
    if (name === "turn" && this.open && exercise?.frame !== undefined) this.player.go(exercise.frame, true);
    else this.show(this.player.at);
    if (this.open && innerWidth < 820) this.drawer.scrollIntoView({ block: "nearest" });
    if (this.open && byKey) this.drawer.focus();
  }

  shut() {
    const tab = this.tabs[this.drawers.indexOf(this.open)];
    this.toggle(this.open);
    tab.focus();
  }

  renderDrawer() {
    this.tabs.forEach((tab, i) => tab.setAttribute("aria-expanded", String(this.open === this.drawers[i])));
    this.drawer.setAttribute("aria-label", this.open ? t(`${this.open}_name`) : "");
    const about = () => ({ view: this.site.scenes[this.scene].view, inputs: this.inputs });
    const made = {
      settings: () => el("div", { class: "ctl" }, this.fields(this.further)),
      turn: () => turn(this.board.turn, { reveal: (yes) => { this.revealed = yes; this.show(this.player.at); }, sheet: (kind) => this.sheetLink(kind) }),
      code: () => code((ask) => this.call("code", ask), about()),
      take: () => take((ask) => this.call("take", ask), () => ({ ...about(), step: this.player.at, lang: lang(), decimals: this.inputs.decimals ?? 4, pace: this.run ? 150 : this.site.scenes[this.scene].pace || 900 }), this.board.frames.length > 1, (kind) => this.run?.taken(kind) ?? this.scored(kind)),
    };
    this.root.querySelector(".lesson").classList.toggle("opened", Boolean(this.open));
    const at = document.activeElement;
    const inside = this.open === "settings" && this.drawer.contains(at);
    if (inside && at.type === "range") return; // it is being dragged
    this.drawer.replaceChildren(...(this.open ? [made[this.open]()] : []));
    if (inside && at.dataset.key) this.drawer.querySelector(`[data-key="${CSS.escape(at.dataset.key)}"]`)?.focus();
  }

  /** What can be opened under the stage; settings where a scene has more of them than its column shows. */
  get drawers() {
    return [...(this.further.length ? ["settings"] : []), "turn", "code", "take"];
  }

  get further() {
    return this.site.scenes[this.scene].further || [];
  }

  /** Return controls by name, each with the value that the draft has. */
  fields(names) {
    const wrong = this.refused?.parts?.field;
    return names.map((name) => control(name, { ...this.site.controls[name], ...this.board?.limits?.[name] }, this.draft[name], (value) => this.change(name, value), wrong === name));
  }

  sheetLink(kind) {
    const url = new URL(location.href);
    url.searchParams.set("sheet", kind);
    url.searchParams.delete("present");
    return url.href;
  }

  /** The score of a blind test goes along with a scene's numbers: the server has none of it. */
  scored(kind) {
    const asked = JSON.stringify(this.board.frames[0].view).includes('"w":"quiz"');
    return asked && (kind === "csv" || kind === "json") && tally() ? { history: tally() } : {};
  }

  hidden(key) {
    return Boolean(key) && this.open === "turn" && !this.revealed && (this.board.turn?.blanks || []).some((item) => item.key === key);
  }

  pending(name, path) {
    return this.typed[name]?.[path.join(".")];
  }

  /** What a step or a change leads to, as it is read out. */
  get heard() {
    const place = this.player.element.hidden ? [] : [this.player.told.textContent];
    return [...place, ...[...this.facts.children].map((one) => one.textContent)].join(", ");
  }

  /** The frames up to the one that is shown. */
  get past() {
    return this.board.frames.slice(0, this.player.at + 1);
  }

  get parts() {
    return this.board.parts || {};
  }

  show(at) {
    if (!this.board) return;
    const frame = this.board.frames[Math.min(at, this.board.frames.length - 1)];
    this.facts.replaceChildren(
      frame.name ? el("strong", { text: say(frame.name) }) : "",
      ...[...(this.board.facts || []), ...frame.facts].map((one) => el("span", null, `${say(one.label)} `, el("code", { text: typeof one.v === "number" ? shown(one.v) : say(one.v) }))),
      ...[...(this.board.checks || []), ...(frame.checks || [])].map((check) => this.verdict(check)),
    );
    const held = hold(this.view);
    const inner = el("div", { class: "fit" }, draw(frame.view, this));
    this.view.replaceChildren(inner);
    this.scale = fit(this.view, inner, this.scale, presenting() ? 2.1 : 1.2);
    reachable(this.view);
    held();
    clearTimeout(this.noting);
    this.noting = setTimeout(() => link.write({ step: at || null }), 250);
  }

  verdict(check) {
    const told = "law" in check
      ? `${say(check.law)} (${check.holds} / ${check.of})`
      : `max |Δ| = ${tiny(check.delta)} · ${check.against}`;
    return el("span", { class: check.ok ? "ok" : "bad-check" }, `${check.ok ? "✓" : "✗"} ${t(check.ok ? "checked" : "not_equal")} ${told}`);
  }

  /** Fit the picture anew when the room for it changed, as when a drawer fills. */
  room() {
    const size = `${this.view.clientWidth} ${this.view.clientHeight}`;
    const inner = this.view.firstElementChild;
    if (this.size === size || !inner) return;
    this.size = size;
    inner.style.zoom = 1;
    this.scale = fit(this.view, inner, null, presenting() ? 2.1 : 1.2);
    reachable(this.view);
  }

  resize() {
    this.scale = null;
    if (this.board) this.show(this.player.at);
  }
}

export function mount(root, site, server) {
  const page = root.querySelector(".page");
  firstTheme();
  const lesson = new Lesson(page, site, server);
  const asked = link.read("lang") || site.lang || (navigator.language.startsWith("ko") ? "ko" : "en");
  speak(asked === "ko" ? "ko" : "en", ...lesson.tables());
  return lesson.start();
}
