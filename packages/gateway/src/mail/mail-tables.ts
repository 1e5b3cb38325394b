/** What a letter is about; also what an administrator sees of it. */
export type MailKind =
  | "request-made"
  | "request-approved"
  | "request-renewed"
  | "request-refused"
  | "request-revoked"
  | "request-expired"
  | "request-ending"
  | "emergency-opened"
  | "emergency-report-due"
  | "pass-proposed"
  | "pass-approved"
  | "pass-refused"
  | "pass-changed"
  | "pass-revoked"
  | "pass-ending"
  | "pass-closed";

/** A letter in the outbox. Its text goes when it has left or expired; the row stays for a while, for administrators. */
export interface MailTableRow {
  id: string;
  kind: MailKind;
  person_id: string;
  address: string;
  language: "fr" | "en";
  subject: string;
  /** Plain text; empty once it has left, expired or was refused. */
  body: string;
  /** What must not be told twice, null for none: unique. */
  unique_key: string | null;
  state: "waiting" | "sent" | "expired" | "refused";
  attempts: number;
  /** From when it may be tried; whoever moves it on has taken the letter (docs/decisions/0106). */
  next_at_ms: number;
  expires_at_ms: number;
  /** What the server said last, without addresses or secrets; empty for nothing. */
  last_error: string;
  created_at_ms: number;
  ended_at_ms: number | null;
}
