import type { Route } from "@poterne/contract";
import type { FuzzRandom } from "./random.ts";

type Json = Readonly<Record<string, unknown>>;

/** Ids of things that exist, by the name a route or schema calls them. */
export type KnownIds = Readonly<Record<string, readonly string[]>>;

const DEEP = 2_000;

/** What no field expects. */
const NASTY: readonly unknown[] = [
  null,
  true,
  "",
  " ",
  "\u0000",
  "\ud800",
  "%00",
  "../../../../etc/passwd",
  "' or 1=1 --",
  "%_\\",
  "{{7*7}}",
  "\u202e\u0007\u001b[31m",
  "é".normalize("NFD"),
  "x".repeat(70_000),
  "00000000-0000-0000-0000-000000000000",
  0,
  -1,
  -0,
  0.5,
  1e21,
  1e308,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 31,
  2 ** 63,
  [],
  {},
  [[[[[]]]]],
  Array.from({ length: 5_000 }, () => 1),
  { __proto__: null, constructor: { prototype: { isAdministrator: true } } },
  { toString: 1, valueOf: 2, length: -1 },
];

/** One operation of the OpenAPI document, as far as inputs go. */
interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Json }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
}
/** The gateway's own description of its API, from which inputs are made. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

function operationOf({ path, method }: Route, api: OpenApi): Operation {
  const found = api.paths[path.replace(/:([A-Za-z]+)/g, "{$1}")]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`${method} ${path} is not in the OpenAPI document`);
  return found;
}

/** A body that the route takes, as far as JSON Schema tells. */
export function makeValid(route: Route, api: OpenApi, known: KnownIds, random: FuzzRandom): unknown {
  const schema = operationOf(route, api).requestBody?.content["application/json"]?.schema;
  return schema === undefined ? {} : make(schema, "", known, random);
}

function make(schema: Json, name: string, known: KnownIds, random: FuzzRandom): unknown {
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return random.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return make(random.pick(choices as Json[]), name, known, random);
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
  if (type === "object") return makeObject(schema, known, random);
  if (type === "array") {
    const length = Math.max(Number(schema.minItems ?? 0), random.below(3));
    return Array.from({ length }, () =>
      make((schema.items ?? {}) as Json, name.replace(/s$/, ""), known, random),
    );
  }
  if (type === "string") return makeString(schema, name, known, random);
  if (type === "integer" || type === "number") return makeNumber(schema, random);
  if (type === "boolean") return random.chance(0.5);
  return null;
}

function makeObject(schema: Json, known: KnownIds, random: FuzzRandom): Record<string, unknown> {
  const required = (schema.required ?? []) as string[];
  const entries = Object.entries((schema.properties ?? {}) as Record<string, Json>)
    .filter(([name]) => required.includes(name) || random.chance(0.7))
    .map(([name, part]) => [name, make(part, name, known, random)] as const);
  return Object.fromEntries(entries);
}

function makeString(schema: Json, name: string, known: KnownIds, random: FuzzRandom): string {
  const ids = known[name];
  if (schema.format === "uuid" || name.endsWith("Id"))
    return ids !== undefined && ids.length > 0 && random.chance(0.9) ? random.pick(ids) : randomUuid(random);
  if (name === "addresses" || name === "address") return "192.0.2.7";
  const length = Math.max(
    Number(schema.minLength ?? 0),
    Math.min(Number(schema.maxLength ?? 12), 1 + random.below(12)),
  );
  return Array.from({ length }, () => random.pick([..."abcdefghijklmnopqrstuvwxyz0123456789"])).join("");
}

function makeNumber(schema: Json, random: FuzzRandom): number {
  const least = Math.max(Number(schema.minimum ?? 0), -1e9);
  const most = Math.min(Number(schema.maximum ?? least + 100), least + 1e6);
  return random.chance(0.3)
    ? random.pick([least, most])
    : least + random.below(Math.max(1, most - least + 1));
}

function randomUuid(random: FuzzRandom): string {
  const hex = random.bytes(16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Changes a value in one place: replaced, left out, added to, doubled. */
export function mutate(value: unknown, random: FuzzRandom): unknown {
  if (typeof value !== "object" || value === null || random.chance(0.1)) return random.pick(NASTY);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.3)) return [...value, random.pick(NASTY)];
    const at = random.below(value.length);
    return value.map((part, index) => (index === at ? mutate(part, random) : part));
  }
  const entries = Object.entries(value);
  const act = random.below(4);
  if (act === 0 || entries.length === 0)
    return { ...value, [random.pick(["__proto__x", "constructor", "id", "roles", "x"])]: random.pick(NASTY) };
  const at = random.below(entries.length);
  if (act === 1) return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(
    entries.map(([name, part], index) => [name, index === at ? mutate(part, random) : part]),
  );
}

/** A body as bytes: mostly JSON, sometimes cut, deep, doubled, or no UTF-8 at all. */
export function makeBody(value: unknown, random: FuzzRandom): Buffer {
  const bytes = Buffer.from(JSON.stringify(value) ?? "null");
  const act = random.below(14);
  if (act === 0) return bytes.subarray(0, random.below(bytes.length + 1));
  if (act === 1) return Buffer.from(`${"[".repeat(DEEP)}${"]".repeat(DEEP)}`);
  if (act === 2) return Buffer.from(`${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`);
  if (act === 3) return Buffer.from('{"__proto__":{"isAdministrator":true},"constructor":{"prototype":{}}}');
  if (act === 4) {
    const broken = Buffer.from(bytes);
    for (let count = 0; count < 3 && broken.length > 0; count++)
      broken[random.below(broken.length)] = random.pick([0, 0x80, 0xc3, 0xff, 0xf5, 0x22, 0x5c]);
    return broken;
  }
  if (act === 5) return Buffer.from(JSON.stringify(value).replace(/\d+/g, "9".repeat(400)));
  return bytes;
}

/** A path of the route with ids of things that exist, do not, or are no ids. */
export function makePath(route: Route, api: OpenApi, known: KnownIds, random: FuzzRandom): string {
  const wrong = [
    "..",
    "%2e%2e%2f",
    "%00",
    "%ff",
    "-",
    "1e9",
    "a".repeat(600),
    encodeURIComponent("é'\"<>"),
    "__proto__",
  ];
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const ids = known[name] ?? [];
    if (random.chance(0.15)) return random.pick(wrong);
    return ids.length > 0 && random.chance(0.9) ? random.pick(ids) : randomUuid(random);
  });
  return `${path}${makeQuery(route, api, known, random)}`;
}

function makeQuery(route: Route, api: OpenApi, known: KnownIds, random: FuzzRandom): string {
  if (random.chance(0.2)) return "";
  const all = (operationOf(route, api).parameters ?? []).filter((parameter) => parameter.in === "query");
  const properties = Object.fromEntries(all.map(({ name, schema }) => [name, schema]));
  const required = all.filter((parameter) => parameter.required).map(({ name }) => name);
  const valid = makeObject({ properties, required }, known, random);
  const parts = Object.entries(valid).map(([name, value]) => {
    const shown = random.chance(0.35) ? random.pick(NASTY) : value;
    const text = (typeof shown === "string" ? shown : JSON.stringify(shown)).slice(0, 3000);
    return `${name}=${encodeURIComponent(text.toWellFormed())}`;
  });
  if (random.chance(0.1)) parts.push("limit=%ff", "search[]=1", "cursor[a]=1", "limit=1", "limit=2");
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
