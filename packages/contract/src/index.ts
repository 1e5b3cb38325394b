export { type ErrorCode, errorCatalogue, findError } from "./errors/catalogue.ts";
export type { ErrorEntry } from "./errors/entry.ts";
export { Failure, type FailureDetails } from "./errors/failure.ts";
export { calendarDay, type HoursRule, hoursRule, sourceNetworks } from "./hours.ts";
export { MAX_LIST_COUNT } from "./list-total.ts";
export { approvalRule, clipboardRule, type Policy, policyRules } from "./policy.ts";
export { RIGHTS, RIGHTS_OF_ROLE, type Right, ROLES, type Role } from "./rights.ts";
export { defineRoute, type Method, type Route } from "./route.ts";
export * from "./routes/access-requests.ts";
export * from "./routes/access-rules.ts";
export * from "./routes/accounts.ts";
export * from "./routes/checkouts.ts";
export * from "./routes/compliance.ts";
export * from "./routes/deleted.ts";
export * from "./routes/factor-rules.ts";
export * from "./routes/federation.ts";
export * from "./routes/files.ts";
export * from "./routes/grants.ts";
export * from "./routes/groups.ts";
export * from "./routes/identity-providers.ts";
export * from "./routes/journal.ts";
export * from "./routes/kerberos.ts";
export * from "./routes/linked-people.ts";
export * from "./routes/machines.ts";
export * from "./routes/mail.ts";
export * from "./routes/me.ts";
export * from "./routes/my.ts";
export * from "./routes/own-password.ts";
export * from "./routes/passkey.ts";
export * from "./routes/people.ts";
export * from "./routes/policies.ts";
export * from "./routes/recordings.ts";
export * from "./routes/remembered-devices.ts";
export * from "./routes/sessions.ts";
export * from "./routes/settings.ts";
export * from "./routes/sign-in.ts";
export * from "./routes/sites.ts";
export * from "./routes/targets.ts";
export * from "./routes/unused-rights.ts";
export * from "./routes/vendors.ts";
export {
  DEFAULT_PORT,
  type Protocol,
  protocol,
  RDP_LAYOUTS,
  type RdpLayout,
  type RdpOptions,
  rdpOptions,
  SESSION_KIND,
  type SshOptions,
  sshOptions,
  type TelnetOptions,
  targetOptions,
  telnetOptions,
  type VncOptions,
  vncOptions,
} from "./target.ts";
