import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ImportReport, importMachines } from "@poterne/contract";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { TestWorld } from "../access/testing/test-world.ts";
import { fleetHandlers } from "../fleet/fleet-handlers.ts";
import { serveHandlers } from "./serve.ts";
import { makeServer } from "./server.ts";

let world: TestWorld;
let app: FastifyInstance;

before(async () => {
  world = await TestWorld.open();
  app = await makeServer({ certificate: null, trustedProxies: [], logger: pino({ enabled: false }) });
  const { personId, roles } = world.admin;
  const by = { kind: "sign-in", signInId: "x", factorAtMs: Date.now() } as const;
  serveHandlers(app, fleetHandlers(world.dependencies), {
    publicUrl: new URL("https://localhost"),
    journal: world.dependencies.journal,
    authenticator: {
      authenticate: async () => ({
        personId,
        name: "admin",
        roles,
        administeredSiteIds: null,
        by,
        isPending: false,
      }),
      isFactorFresh: () => true,
      sitesWith: async () => null,
    },
  });
});
after(async () => {
  await app.close();
  await world.close();
});

function send(contentType: string, payload: string) {
  const headers = { "content-type": contentType };
  return app.inject({ method: "POST", url: importMachines.path, headers, payload });
}

test("a file is taken as text/csv and as application/octet-stream", async () => {
  const file = "site,machine,addresses\nSûreté,srv,192.0.2.1";
  for (const contentType of ["text/csv", "text/csv; charset=utf-8", "application/octet-stream"]) {
    const reply = await send(contentType, file);
    assert.equal(reply.statusCode, 200, reply.body);
    const report: ImportReport = reply.json();
    assert.deepEqual([report.errorCount, report.machinesCreated], [0, 1], contentType);
  }
});

test("a body of a type nobody reads is refused with a problem", async () => {
  const reply = await send("text/plain-of-nobody", "site,machine");
  assert.equal(reply.statusCode, 400);
  assert.equal(reply.json().code, "bad-request");
});
