import { errorCatalogue, type Route } from "@poterne/contract";
import { z } from "zod";

/** Media types outside `text/` that hold text. */
const TEXT_MEDIA: ReadonlySet<string> = new Set(["application/jsonl", "application/x-asciicast"]);

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of all routes, from the contract itself. */
export function makeOpenApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const url = route.path.replace(/:([A-Za-z]+)/g, "{$1}");
    paths[url] = { ...paths[url], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Poterne", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: "/" }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        signIn: { type: "apiKey", in: "cookie", name: "__Host-poterne" },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema: Json = {
  type: "object",
  properties: {
    status: { type: "integer" },
    title: { type: "string" },
    code: { type: "string", enum: Object.keys(errorCatalogue) },
    details: { type: "object" },
    reference: { type: "string" },
  },
  required: ["status", "title", "code", "details", "reference"],
};

function describeRoute(route: Route): Json {
  const requestBody = describeBody(route);
  const done = { description: "Done", content: describeReply(route) };
  return {
    summary: route.summary,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase())}`,
    "x-right": route.right,
    "x-scope": route.scope,
    security: route.right === "public" ? [] : [{ signIn: [] }, { token: [] }],
    parameters: [...toParameters(route.params, "path"), ...toParameters(route.query, "query")],
    ...(requestBody === null ? {} : { requestBody: { required: true, content: requestBody } }),
    responses: {
      200: done,
      default: {
        description: "Refused or failed",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

/** What a request carries, by media type; null for nothing. */
function describeBody(route: Route): Json | null {
  if (route.isRawBody === true)
    return Object.fromEntries((route.bodyMediaTypes ?? []).map((media) => [media, rawContent(media)]));
  const schema = toSchema(route.body);
  return route.method === "GET" || isEmptyObject(schema) ? null : { "application/json": { schema } };
}

function describeReply({ replyMediaType, reply }: Route): Json {
  if (replyMediaType === undefined) return { "application/json": { schema: toSchema(reply, "output") } };
  return { [replyMediaType]: rawContent(replyMediaType) };
}

/** Content that is not JSON: text is a string, bytes have no schema (OpenAPI 3.1 §4.8.14). */
function rawContent(media: string): Json {
  const isText = media.startsWith("text/") || TEXT_MEDIA.has(media);
  return isText ? { schema: { type: "string" } } : {};
}

function toSchema(schema: z.ZodType, io: "input" | "output" = "input"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<
    string,
    unknown
  >;
  return rest;
}

function isEmptyObject(schema: Json): boolean {
  return (
    schema.type === "object" && Object.keys((schema.properties as object | undefined) ?? {}).length === 0
  );
}

function toParameters(schema: z.ZodType, place: "path" | "query"): Json[] {
  const json = toSchema(schema);
  const required = (json.required as string[] | undefined) ?? [];
  return Object.entries((json.properties as Record<string, Json> | undefined) ?? {}).map(([name, value]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: value,
  }));
}
