import assert from "node:assert/strict";
import { test } from "node:test";
import * as contract from "@poterne/contract";
import { makeOpenApi } from "./openapi.ts";

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { schema?: object }>> }>
  >;
}

const isRoute = (value: unknown): value is contract.Route =>
  typeof value === "object" && value !== null && "path" in value && "method" in value && "reply" in value;
const routes = Object.values(contract as Record<string, unknown>).filter(isRoute);
const document = JSON.parse(JSON.stringify(makeOpenApi(routes, "1.2.3"))) as {
  paths: Record<string, Record<string, Operation>>;
};

function operation({ method, path }: contract.Route): Operation {
  const found = document.paths[path.replace(/:([A-Za-z]+)/g, "{$1}")]?.[method.toLowerCase()];
  assert.ok(found !== undefined, `${method} ${path}`);
  return found;
}

test("raw bodies and replies stand in the document under their real media types", () => {
  const bodies = (route: contract.Route) => Object.keys(operation(route).requestBody?.content ?? {});
  const replies = (route: contract.Route) => Object.keys(operation(route).responses["200"]?.content ?? {});
  assert.deepEqual(bodies(contract.importMachines), ["text/csv", "application/octet-stream"]);
  assert.deepEqual(bodies(contract.uploadFile), ["application/octet-stream"]);
  assert.deepEqual(replies(contract.exportMachines), ["text/csv"]);
  assert.deepEqual(replies(contract.downloadFolder), ["application/zip"]);
  assert.deepEqual(replies(contract.downloadFile), ["application/octet-stream"]);
  assert.deepEqual(replies(contract.exportAsciicast), ["application/x-asciicast"]);
  assert.deepEqual(replies(contract.downloadRecording), ["application/octet-stream"]);
});

test("every route is described: a raw body by its types, a reply with a schema unless it is bytes", () => {
  assert.ok(routes.length > 100, String(routes.length));
  for (const route of routes) {
    const { requestBody, responses } = operation(route);
    const where = `${route.method} ${route.path}`;
    if (route.isRawBody === true) assert.ok(requestBody !== undefined, where);
    else if (requestBody !== undefined)
      assert.deepEqual(Object.keys(requestBody.content), ["application/json"]);
    const [media = "", content] = Object.entries(responses["200"]?.content ?? {})[0] ?? [];
    assert.equal(media, route.replyMediaType ?? "application/json", where);
    const isBytes = media === "application/octet-stream" || media === "application/zip";
    assert.equal(content?.schema === undefined, isBytes, where);
  }
});
