import type { PlayerTexts } from "./texts-fr.ts";

/** A marker of a recording's index; its fields are the target's and other people's words, shown as plain text. */
export type MarkerFields = Readonly<Record<string, unknown>>;

/** The longest text of an event that is shown. */
const MAX_TEXT_LENGTH = 300;

/** What the page knows and the recording does not: how sizes are written, and the catalogue's words for a code. */
export interface EventWords {
  readonly texts: PlayerTexts;
  readonly size: (bytes: number) => string;
  readonly what: (code: string) => string;
}

type Write = (fields: MarkerFields, texts: PlayerTexts, words: EventWords) => string;

const text = (fields: MarkerFields, name: string): string =>
  String(fields[name] ?? "").slice(0, MAX_TEXT_LENGTH);
const count = (fields: MarkerFields, name: string): number => {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
};

const WRITERS: Readonly<Record<string, Write>> = {
  opened: (_fields, { event }) => event.opened,
  resize: (fields, { event }) => {
    const isGrid = count(fields, "columns") > 0;
    const [width, height] = isGrid ? ["columns", "rows"] : ["widthPx", "heightPx"];
    return event.resize(`${count(fields, width ?? "")} × ${count(fields, height ?? "")}`);
  },
  title: (fields, { event }) => event.title(text(fields, "title")),
  bell: (_fields, { event }) => event.bell,
  viewer: (fields, { event, roles }) => {
    const name = text(fields, "name");
    const role = roles[text(fields, "role")] ?? "";
    if (fields.event === "took-control") return event["took-control"](name);
    return fields.event === "left" ? event.left(name, role) : event.joined(name, role);
  },
  paused: (fields, { event }) =>
    fields.isPaused === true ? event.paused(text(fields, "by")) : event.resumed(text(fields, "by")),
  message: (fields, { event }) => event.message(text(fields, "from"), text(fields, "text")),
  clipboard: (fields, { event }, { size }) => {
    const write = fields.direction === "to-target" ? event.clipboardTo : event.clipboardFrom;
    return write(text(fields, "kind"), size(count(fields, "sizeBytes")));
  },
  file: (fields, { event }, { size }) => {
    if (fields.outcome !== "done") return event.fileFailed(text(fields, "path"));
    const write = fields.direction === "to-target" ? event.fileTo : event.fileFrom;
    return write(text(fields, "path"), size(count(fields, "sizeBytes")));
  },
  reconnected: (_fields, { event }) => event.reconnected,
  ended: (fields, { event, ends }, { what }) => {
    const code = text(fields, "code");
    return event.ended((Object.hasOwn(ends, code) ? ends[code] : undefined) ?? what(code));
  },
};

/** Sorts of events that say a state: the same one again says nothing new. */
const STATES: ReadonlySet<string> = new Set(["resize", "title"]);

/** One line of the list of events. */
export interface ToldEvent {
  readonly ms: number;
  readonly text: string;
}

/** The events of a recording in words, in order; a size or a title that is as before is left out. */
export function tellEvents(
  markers: readonly { readonly ms: number; readonly marker: MarkerFields }[],
  words: EventWords,
): readonly ToldEvent[] {
  const last = new Map<string, string>();
  return markers.flatMap(({ ms, marker }) => {
    const type = text(marker, "type");
    const told = describeEvent(marker, words);
    if (STATES.has(type) && last.get(type) === told) return [];
    last.set(type, told);
    return [{ ms, text: told }];
  });
}

/** What an event of the time line says, in the person's language. */
export function describeEvent(fields: MarkerFields, words: EventWords): string {
  const type = text(fields, "type");
  const write = Object.hasOwn(WRITERS, type) ? WRITERS[type] : undefined;
  return write === undefined ? words.texts.event.other(type) : write(fields, words.texts, words);
}
