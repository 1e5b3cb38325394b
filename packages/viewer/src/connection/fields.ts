/** A JSON object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Why a message of the gateway was not taken. The text names the field, never its content. */
export class MessageError extends Error {
  constructor(field: string) {
    super(`message of the gateway not understood: ${field}`);
    this.name = "MessageError";
  }
}

/** The object itself; throws `MessageError` for anything else. */
export function readFields(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new MessageError(name);
  return value as Fields;
}

/** A text of at most `maxLength` UTF-16 units; longer is refused, since the gateway never sends it. */
export function readText(fields: Fields, name: string, maxLength: number): string {
  const value = fields[name];
  if (typeof value !== "string" || value.length > maxLength) throw new MessageError(name);
  return value;
}

/** A finite number. */
export function readNumber(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new MessageError(name);
  return value;
}

/** A finite number or null. */
export function readNumberOrNull(fields: Fields, name: string): number | null {
  return fields[name] === null || fields[name] === undefined ? null : readNumber(fields, name);
}

/** A boolean. */
export function readBoolean(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") throw new MessageError(name);
  return value;
}

/** One of the words listed. */
export function readChoice<const Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word {
  const value = fields[name];
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new MessageError(name);
  return word;
}

/** A list of at most `maxCount` objects, each read by `readItem`. */
export function readList<Item>(
  fields: Fields,
  name: string,
  maxCount: number,
  readItem: (item: Fields) => Item,
): Item[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > maxCount) throw new MessageError(name);
  return value.map((item) => readItem(readFields(item, name)));
}

/** A flat record of texts and numbers: the details that fill an error's words. */
export function readDetails(
  fields: Fields,
  name: string,
  limits: { readonly maxCount: number; readonly maxLength: number },
): Readonly<Record<string, string | number>> {
  const record = readFields(fields[name] ?? {}, name);
  const entries = Object.entries(record);
  if (entries.length > limits.maxCount) throw new MessageError(name);
  const details: Record<string, string | number> = {};
  for (const [key, value] of entries) {
    if (typeof value === "number") details[key] = value;
    else if (typeof value === "string" && value.length <= limits.maxLength) details[key] = value;
    else throw new MessageError(name);
  }
  return details;
}
