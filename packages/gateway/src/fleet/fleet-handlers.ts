import type { AccessNounDependencies } from "../access/dependencies.ts";
import type { Handler } from "../http/handlers.ts";
import { bulkHandlers } from "./bulk-handlers.ts";
import { deletedHandlers } from "./deleted-handlers.ts";
import { exportHandlers } from "./export-handlers.ts";
import { identityHandlers } from "./identity-handlers.ts";
import { importHandlers } from "./import-handlers.ts";
import { machineHandlers } from "./machine-handlers.ts";
import { siteHandlers } from "./site-handlers.ts";
import { targetHandlers } from "./target-handlers.ts";

/** All handlers of sites, machines, targets, their identities, the bulk edit, the import and the export. */
export function fleetHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    ...siteHandlers(dependencies),
    ...machineHandlers(dependencies),
    ...bulkHandlers(dependencies),
    ...importHandlers(dependencies),
    ...exportHandlers(dependencies),
    ...targetHandlers(dependencies),
    ...identityHandlers(dependencies),
    ...deletedHandlers(dependencies),
  ];
}
