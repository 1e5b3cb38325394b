import type { NounDependencies } from "../fleet/changes.ts";
import type { FullKeeper } from "../keeper/remote-keeper.ts";
import type { CountSessions } from "./access-service.ts";
import type { PortalSettings } from "./obstacles.ts";
import type { OpenableCache } from "./openable-cache.ts";

/** What the handlers of accounts, policies, grants and *My machines* work with. */
export interface AccessNounDependencies extends NounDependencies {
  readonly keeper: Pick<FullKeeper, "sealSecret" | "sealSshKey" | "generateSshKey">;
  readonly countSessions: CountSessions;
  readonly openable: OpenableCache;
  readonly portal: PortalSettings;
}
