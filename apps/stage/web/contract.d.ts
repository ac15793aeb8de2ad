// What Python and the browser tell each other: the boards' JSON, and what the parts of the page
// ask of one another. Python's half of it is apps/stage/contract.py. Sizes are in pixels.

import type * as widgets from "./widgets.js";

export type * from "./widgets.js";

/** A text as it is, or a word that is looked up in the reader's language. */
export type Label = string | number | null | undefined | Word | Label[];
/** A word: `k` is its key in the tab's words, all else fills its {places}. */
export type Word = { k: string; [part: string]: any };
/** A colour's meaning: "real", "made", "hidden", "grad", "ok", "ink" … */
export type Role = string;
/** A number; null where it is not finite. */
export type Value = number | null;
/** What an input holds: a number, a text, a truth, a matrix … */
export type Input = any;
export type Inputs = Record<string, Input>;

// ---- a board and what it consists of

/** What a tab answers for a scene and its inputs. */
export interface Board {
  frames: Frame[]; // along the time axis, at least one
  facts?: Fact[]; // of all frames
  checks?: (Check | Law)[]; // of all frames
  turn?: Turn; // what the reader is asked to work out
  parts?: Record<string, Part>; // what stays the same over many frames, by name
  values?: Inputs; // the whole of each input that can be typed or drawn into, by its name
  pins?: Record<string, Inputs>; // what else changes when a person draws into an input
  inputs?: Inputs; // what an action made of the inputs; null takes one away
  limits?: Record<string, Limit>; // what of a control is different under these inputs
  without?: string[]; // controls that mean nothing under these inputs
  more?: More; // the rest of a computation that comes in pieces
  live?: Live; // the board is a run that goes on
  fleeting?: boolean; // something was missing: the server does not keep it
  wait?: Wait; // others are served first: nothing else is there, ask again
}

/** One moment on the time axis. */
export interface Frame {
  view: Widget; // the picture
  name: Label; // what the moment is called
  facts: Fact[]; // of this moment
  checks?: (Check | Law)[]; // of this moment
  values?: Record<string, Value>; // of a live run: what its histories draw, "x" among them
  state?: string; // of a live run: what the server goes on from
}

/** One fact in the line under the stage. */
export interface Fact {
  label: Label; // what it is
  v: number | Label; // a number, shown to the chosen decimals, or a text
}

/** A check by an independent computation. */
export interface Check {
  delta: number; // the largest difference
  against: string; // what computed it independently
  tolerance: number; // the largest difference that is right
  ok: boolean; // whether delta is at most the tolerance
}

/** A check of a law that must hold every time. */
export interface Law {
  law: Label; // what must hold
  holds: number; // how often it held
  of: number; // how often it was tried
  ok: boolean; // whether it held every time
}

/** An exercise: blanks to fill, or choices of which one is right. */
export interface Turn {
  ask: Label; // what to do
  frame?: number; // the frame that it is about, from 0
  blanks?: Blank[]; // what to work out
  choices?: Label[]; // what to choose from
  answer?: number; // the right choice, from 0
}

/** A matrix that a reader works out. */
export interface Blank {
  label: Label; // its symbol
  rows: number[][]; // its exact entries
  role: Role; // its colour
  key: string; // widgets with this key are hidden while it is asked for
}

/** What of a control is different under a board's inputs: any of its keys. */
export type Limit = Partial<Control>;

/** How a computation in pieces goes on. */
export interface More {
  input: string; // name of the input that tells the piece
  next: Input; // its value for the next piece
  done: number; // pieces that are there
  of: number; // pieces in all
}

/** A run that goes on while it is watched. */
export interface Live {
  acts: string[]; // what it can do: first the one that playing does
  keys?: Record<string, string>; // of a game: key -> act, in the place of what the key does else
  keeps?: boolean; // the browser keeps its last state, and a later visit goes on from it
}

/** A place in the line of long computations. */
export interface Wait {
  place: number; // how many are served before
  seconds: number; // about how long that takes
}

/** What frames share: a widget, a picture, points, weights or a table. */
export type Part = any;

/** Why an input was refused. */
export interface Reason {
  rule: string; // key of the sentence in the words of "errors"
  parts: Record<string, any>; // what fills it: "field", "where" and the rule's own
}

/** A control: an input of a scene as the page shows it. */
export interface Control {
  kind: "range" | "choice" | "number" | "check" | "button" | "text" | "action";
  min?: number; // range: its low end
  max?: number; // range: its high end; text: the largest count of characters
  step?: number; // range, number: from one value to the next
  unit?: string; // range: what stands after the number; "%" shows a share in percent
  options?: Input[]; // choice: its values
  labels?: Label[]; // choice: their names, where they are no words of ours
  list?: boolean; // choice: a list even if it has few options
  cycle?: number; // button: its value goes round 0 … cycle − 1
  value?: Input; // text: what it shows before anything is typed
  wide?: boolean; // text: its box takes a line of its own
  half?: boolean; // takes half of a line
  local?: boolean; // changes how things are shown: no new board is needed
  unless?: string; // … but where this input is on
  resets?: string[]; // inputs that go back to the scene's preset when it changes
  brings?: Record<string, Inputs>; // inputs that come with a value, by the value
  restarts?: boolean; // a live run begins anew when it changes
}

/** A control as a page shows it. */
export interface ShownControl extends Control {
  off?: boolean; // cannot be moved: no board of another value was written beforehand
}

/** A scene as the tab's file states it. */
export interface Scene {
  view: string; // which board it shows
  inputs: Inputs; // its whole preset
  controls: string[]; // the controls that it needs, by name
  further?: string[]; // more of them, in a drawer
  live?: boolean; // its board is a run that goes on
  start?: number; // the frame that it opens at, from 0; from the end if negative
  pace?: number; // milliseconds a frame while it plays
  tries?: Inputs; // what the answer says to try: inputs that differ from the preset
  week?: number; // which names its topic, from 1; the lesson's own unless said
}

/** The words of one scene. */
export interface Words {
  claim: string; // one sentence, true of the preset
  topic?: string; // the topic of the course that it teaches, for the home page
  say: string; // what is to be seen
  ask: string; // the question to the room
  answer: string; // its answer
}

/** A tab as the header and the home page name it. */
export interface Entry {
  name: string; // its route
  week: number; // of the course, from 1
  title: Record<string, string>; // by language
  line: Record<string, string>; // what it is about, by language
  scenes: number; // how many
  picture?: any; // home: a widget for its card
  topics?: Topic[]; // home: what its scenes teach
}

/** What a scene teaches, as the home page's weeks name it. */
export interface Topic {
  week: number; // which names it, from 1
  scene: number; // of the lesson, from 1
  title: Record<string, string>; // by language
}

/** What is written beforehand of a scene, for a page without a server. */
export interface Written {
  boards: Inputs[]; // what of the preset each board changes; the first is the preset's
  controls: Record<string, Input[]>; // the controls that can be moved, with their values
}

/** What every page of the hub is given. */
export interface Site {
  here: string; // the page's route, "" for the home page
  tabs: Entry[]; // in the hub's order
  lang?: string | null; // the language that the server was started with
  present?: boolean; // whether it was started for presenting
  scenes: Scene[]; // of a lesson
  controls: Record<string, Control>; // of a lesson, by name
  renamed: Record<string, string>; // former name of an input -> its name: for links that were kept
  text: Record<string, any>; // the tab's words, by language
  stage: Record<string, any>; // the shell's words, by language
  errors: Record<string, any>; // the sentences of refusals, by language
  hero: Hero; // home: what it opens on
  recorded?: Written[]; // of a page without a server: what is written of each scene
}

/** A letter on its way into noise and back as a digit. */
export interface Hero {
  frames: string; // pictures of 28 x 28, a byte a pixel in base64: 0 paper, 255 ink
  digit: number; // as which the classifier reads the last one
  tab: string; // the lesson that does the same
  scene: number; // its scene
}

/** The server's functions; each takes one object and returns JSON. */
export type Functions = Record<string, (ask: object) => Promise<string>>;

// ---- widgets

/** A piece of a picture, told by its `w`; one that is `dim` is fainter than the others. */
export type Widget = { dim?: boolean } & (
  | widgets.Text
  | widgets.Row
  | widgets.Column
  | widgets.PartOf
  | widgets.Matrix
  | widgets.Lines
  | widgets.Cells
  | widgets.Grey
  | widgets.Codes
  | widgets.Chart
  | widgets.History
  | widgets.Heat
  | widgets.Bars
  | widgets.Net
  | widgets.Field
  | widgets.Ties
  | widgets.Lookup
  | widgets.Raster
  | widgets.Strip
  | widgets.Heads
  | widgets.Table
  | widgets.Quiz
);

/** Sets an input to [...at, row, column] and shows a frame; `each` entry has one of its own. */
export type Press = { input: string; at: number[]; frame: number | null; each: boolean };

/** A number inside a written-out line. */
export type Num = { v: number; role?: Role };

/** A line over a chart, across or upright. */
export type Rule = { label: Label; y?: number; x?: number };

// ---- inside the page

/** What a widget may ask of the page around it. */
export interface Page {
  still: boolean; // nobody edits it
  parts: Record<string, Part>; // the board's
  past: Frame[]; // the frames up to the one that is shown
  places: Record<string, any>; // where the keyboard stands in each figure, by its key
  hidden(key?: string): boolean; // whether an exercise asks for it
  pending(name: string, path: (number | string)[]): any; // an entry that was refused, as typed
  edit(name: string, path: (number | string)[], text: string): void; // an entry was typed
  paint(name: string, path: (number | string)[], drawn: any): void; // an input was drawn
  painting(on: boolean): void; // a pen is down, or up again
  change(name: string, value: Input): void; // a control changes
  pick(name: string, value: Input, frame?: number): void; // an input is set; the frame shown then
  go(frame: number): void; // another frame is shown
  act(name: string): void; // a run does a step
}

/** A figure of tokens, which lights up with the others of its group. */
export interface Lit extends HTMLElement {
  lit(query: number | null, key: number | null): void;
}
