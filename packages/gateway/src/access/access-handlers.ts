import type { Handler } from "../http/handlers.ts";
import { accountHandlers } from "./account-handlers.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import { grantHandlers } from "./grant-handlers.ts";
import { grantListHandlers } from "./grant-lists.ts";
import { holidayHandlers } from "./holiday-handlers.ts";
import { myHandlers } from "./my-handlers.ts";
import { policyHandlers } from "./policy-handlers.ts";
import { policyHistoryHandlers } from "./policy-history.ts";
import { secretHandlers } from "./secret-handlers.ts";
import { simulateHandlers } from "./simulate-handlers.ts";
import { sourceListHandlers } from "./source-lists.ts";
import { unusedRightsHandlers } from "./unused-handlers.ts";

/** All handlers of accounts, policies, grants, the simulator and *My machines*. */
export function accessHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    ...accountHandlers(dependencies),
    ...secretHandlers(dependencies),
    ...policyHandlers(dependencies),
    ...policyHistoryHandlers(dependencies),
    ...grantHandlers(dependencies),
    ...grantListHandlers(dependencies),
    ...sourceListHandlers(dependencies),
    ...holidayHandlers(dependencies),
    ...simulateHandlers(dependencies),
    ...unusedRightsHandlers(dependencies),
    ...myHandlers(dependencies),
  ];
}
