import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Settings } from "./config/settings.ts";
import type { StoreOptions } from "./store/open-store.ts";

/** Where everything of this gateway is on disk. */
export interface Folders {
  readonly data: string;
  /** Folder of keys and journal: the data folder, or the keeper service's own. Null: a service's that no setting names. */
  readonly keeper: string | null;
  readonly keys: string;
  readonly journal: string;
  readonly recordings: string;
  readonly syslogSpool: string;
  /** Files of RDP sessions: `live/SESSION`, and `kept/PERSON/TARGET` where a policy keeps them. */
  readonly drives: string;
  /** The built web pages. */
  readonly pages: string;
}

const projectDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** The data folder's parts; the data folder itself is made, readable by its owner only. */
export function makeFolders(settings: Pick<Settings, "data" | "keeper">): Folders {
  const data = path.resolve(settings.data);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const { socket, folder } = settings.keeper;
  const keeper = socket === "" ? data : folder === "" ? null : path.resolve(folder);
  return {
    data,
    keeper,
    keys: path.join(keeper ?? data, "keys"),
    journal: path.join(keeper ?? data, "journal"),
    recordings: path.join(data, "recordings"),
    syslogSpool: path.join(data, "syslog"),
    drives: path.join(data, "drives"),
    pages: path.join(projectDir, "packages/web/dist"),
  };
}

/** This node's id, made once and kept in the data folder. */
export function readNodeId(data: string): string {
  const file = path.join(data, "node", "id");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const nodeId = `n${randomBytes(5).toString("hex")}`;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${nodeId}\n`, { mode: 0o600 });
  return nodeId;
}

/** The product's version, from the project's own manifest. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(projectDir, "package.json"), "utf8"));
  const isNamed = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isNamed && typeof manifest.version === "string" ? manifest.version : "unknown";
}

/** How to open the store the settings name. */
export function storeOptions(settings: Pick<Settings, "store">, data: string): StoreOptions {
  const { engine, url, tls, caFile } = settings.store;
  if (engine === "sqlite") return { engine, file: path.join(data, "store.sqlite") };
  return { engine, url, tls, ...(caFile === "" ? {} : { caFile }) };
}
