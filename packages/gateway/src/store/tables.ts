import type {
  AccessGrantTableRow,
  AccessRequestTableRow,
  AccessRequestVoteTableRow,
  AccountTableRow,
  GrantObjectTableRow,
  HolidayTableRow,
  PersonTargetTableRow,
  PolicyTableRow,
  PolicyVersionTableRow,
  SourceListTableRow,
} from "../access/access-tables.ts";
import type { AccountCheckoutTableRow } from "../access/check-outs.ts";
import type {
  ApiTokenRow,
  CredentialChallengeRow,
  CredentialPasskeyRow,
  CredentialRecoveryRow,
  CredentialTotpRow,
  FactorRuleSetRow,
  OneTimeLinkRow,
  RememberedDeviceRow,
  SignInGuardRow,
  SignInRow,
} from "../auth/auth-tables.ts";
import type { ProofNoteTableRow } from "../backup/proof-notes.ts";
import type {
  MachineTableRow,
  SiteTableRow,
  StoreRevisionTableRow,
  TargetIdentityTableRow,
  TargetTableRow,
} from "../fleet/fleet-tables.ts";
import type {
  FederationRequestTableRow,
  IdentityBindingTableRow,
  IdentityProviderTableRow,
} from "../identity/identity-tables.ts";
import type { AlarmReadRow, JournalEntryRow, JournalPlaceRow } from "../journal/journal-tables.ts";
import type { MailTableRow } from "../mail/mail-tables.ts";
import type { LinkedPersonTableRow } from "../people/linked-people.ts";
import type {
  CharterAcceptanceRow,
  CharterRow,
  GroupMemberRow,
  PersonGroupRow,
  PersonPasswordRow,
  PersonRoleRow,
  PersonRow,
} from "../people/people-tables.ts";
import type { RecordingCommentRow, RecordingRow } from "../recording/recording-tables.ts";
import type { RdpLicenceTableRow } from "../session/licence-tables.ts";
import type { SessionTableRow } from "../session/session-tables.ts";
import type { VendorPassTableRow, VendorTableRow } from "../vendors/vendor-tables.ts";

/**
 * All tables, by name; each noun declares its own rows in `NOUN/NOUN-tables.ts` and they meet here.
 * Ids are UUIDv7 text made by the application; times are Unix milliseconds (bigint columns read as numbers);
 * booleans are 0 or 1; structured values are JSON text. Never `returning` (MariaDB), never engine-specific SQL outside store/.
 */
export interface Tables {
  target_identity: TargetIdentityTableRow;
  target: TargetTableRow;
  store_revision: StoreRevisionTableRow;
  site: SiteTableRow;
  source_list: SourceListTableRow;
  proof_note: ProofNoteTableRow;
  policy_version: PolicyVersionTableRow;
  policy: PolicyTableRow;
  person_target: PersonTargetTableRow;
  linked_person: LinkedPersonTableRow;
  machine: MachineTableRow;
  journal_entry: JournalEntryRow;
  journal_place: JournalPlaceRow;
  grant_object: GrantObjectTableRow;
  account: AccountTableRow;
  account_checkout: AccountCheckoutTableRow;
  alarm_read: AlarmReadRow;
  access_grant: AccessGrantTableRow;
  access_request: AccessRequestTableRow;
  access_request_vote: AccessRequestVoteTableRow;
  api_token: ApiTokenRow;
  charter: CharterRow;
  charter_acceptance: CharterAcceptanceRow;
  credential_challenge: CredentialChallengeRow;
  credential_passkey: CredentialPasskeyRow;
  credential_recovery: CredentialRecoveryRow;
  credential_totp: CredentialTotpRow;
  factor_rule_set: FactorRuleSetRow;
  federation_request: FederationRequestTableRow;
  group_member: GroupMemberRow;
  holiday: HolidayTableRow;
  identity_binding: IdentityBindingTableRow;
  identity_provider: IdentityProviderTableRow;
  mail: MailTableRow;
  one_time_link: OneTimeLinkRow;
  person: PersonRow;
  person_group: PersonGroupRow;
  person_password: PersonPasswordRow;
  person_role: PersonRoleRow;
  rdp_licence: RdpLicenceTableRow;
  recording: RecordingRow;
  recording_comment: RecordingCommentRow;
  remembered_device: RememberedDeviceRow;
  session: SessionTableRow;
  sign_in: SignInRow;
  sign_in_guard: SignInGuardRow;
  vendor: VendorTableRow;
  vendor_pass: VendorPassTableRow;
}
