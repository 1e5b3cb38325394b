import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { ConfigurationError, environmentName, explainConfiguration, loadConfiguration } from "./load.ts";

const folder = mkdtempSync(path.join(tmpdir(), "poterne-config-"));
after(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, "poterne.toml");

const load = (
  toml: string,
  environment: Record<string, string> = {},
  options: Record<string, string> = {},
) => {
  writeFileSync(file, toml);
  return loadConfiguration({ file, environment, options });
};

test("options win over the environment, that over the file, that over the defaults", () => {
  const { settings, origins } = load(
    "port = 1\nhost = 'a'\nlogLevel = 'warn'",
    { POTERNE_PORT: "2", POTERNE_HOST: "b" },
    { port: "3" },
  );
  assert.deepEqual(
    [settings.port, settings.host, settings.logLevel, settings.data],
    [3, "b", "warn", "./data"],
  );
  assert.deepEqual(
    [origins.get("port"), origins.get("host"), origins.get("logLevel"), origins.get("data")],
    ["option", "environment", "file", undefined],
  );
});

test("sections and lists can be given by the environment", () => {
  const { settings } = load("[store]\nengine = 'postgresql'\nurl = 'postgresql://a:b@h/d'", {
    POTERNE_TRUSTED_PROXIES: "10.0.0.1, 10.1.0.0/16",
  });
  assert.equal(settings.store.engine, "postgresql");
  assert.deepEqual(settings.trustedProxies, ["10.0.0.1", "10.1.0.0/16"]);
});

test("an unknown or wrong setting is named", () => {
  assert.throws(
    () => load("prot = 1"),
    (error) => error instanceof ConfigurationError && /prot/.test(error.message),
  );
  assert.throws(
    () => load("port = 70000"),
    (error) => error instanceof ConfigurationError && /port/.test(error.message),
  );
  assert.throws(() => load("port = ["), ConfigurationError);
  assert.throws(() => load("publicUrl = 'http://x'"), /publicUrl/);
});

test("explain gives every value with its origin and hides passwords", () => {
  const lines = explainConfiguration(load("[store]\nurl = 'postgresql://poterne:hunter2@db/poterne'"));
  const url = lines.find(({ name }) => name === "store.url");
  assert.equal(url?.origin, "file");
  assert.equal(JSON.stringify(lines).includes("hunter2"), false);
  assert.equal(lines.find(({ name }) => name === "port")?.origin, "default");
});

test("environment names follow the dotted names", () => {
  assert.equal(environmentName("publicUrl"), "POTERNE_PUBLIC_URL");
  assert.equal(environmentName("signIn.idleMinutes"), "POTERNE_SIGN_IN_IDLE_MINUTES");
});
