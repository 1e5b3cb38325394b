/** Protocol version of every message (RFC 4120 §5.4.1 `pvno`). */
export const PVNO = 5;

/** Message types (RFC 4120 §7.5.7), which are also their application tags. */
export const MessageType = {
  AS_REQ: 10,
  AS_REP: 11,
  TGS_REQ: 12,
  TGS_REP: 13,
  AP_REQ: 14,
  AP_REP: 15,
  KRB_ERROR: 30,
} as const;

/** Application tags of structures inside messages (RFC 4120 §5.10). */
export const StructureTag = {
  Ticket: 1,
  Authenticator: 2,
  EncTicketPart: 3,
  EncASRepPart: 25,
  EncTGSRepPart: 26,
  EncAPRepPart: 27,
} as const;

/** Key usage numbers (RFC 4120 §7.5.1, RFC 4121 §2, RFC 6806 §11). */
export const KeyUsage = {
  AS_REQ_PA_ENC_TIMESTAMP: 1,
  KDC_REP_TICKET: 2,
  AS_REP_ENC_PART: 3,
  TGS_REQ_AUTH_CKSUM: 6,
  TGS_REQ_AUTH: 7,
  TGS_REP_ENC_PART_SUBKEY: 9,
  AP_REQ_AUTH: 11,
  AP_REP_ENC_PART: 12,
  KG_ACCEPTOR_SEAL: 22,
  KG_ACCEPTOR_SIGN: 23,
  KG_INITIATOR_SEAL: 24,
  KG_INITIATOR_SIGN: 25,
  AS_REQ: 56,
} as const;

/** Pre-authentication data types (RFC 4120 §7.5.2, RFC 6113 §3.2, RFC 6806 §11, [MS-KILE] 2.2.2). */
export const PaType = {
  PA_TGS_REQ: 1,
  PA_ENC_TIMESTAMP: 2,
  PA_PW_SALT: 3,
  PA_PK_AS_REQ: 16,
  PA_ETYPE_INFO2: 19,
  PA_FX_COOKIE: 133,
  PA_REQ_ENC_PA_REP: 149,
} as const;

/** KDC options asked for (RFC 4120 §5.4.1, RFC 6806 §3). *Forwardable* is never: it bars members of Protected Users. */
export const KdcOption = { canonicalize: 0x0001_0000 } as const;

/** Ticket flags (RFC 4120 §5.3, RFC 6806 §11). */
export const TicketFlag = {
  forwardable: 0x4000_0000,
  invalid: 0x0100_0000,
  renewable: 0x0080_0000,
  "transited-policy-checked": 0x0008_0000,
  "enc-pa-rep": 0x0001_0000,
} as const;

/** AP options (RFC 4120 §5.5.1). */
export const ApOption = { "use-session-key": 0x4000_0000, "mutual-required": 0x2000_0000 } as const;

/** Error codes (RFC 4120 §7.5.9, RFC 6806 §12) that mean something here. */
export const ErrorCode = {
  KDC_ERR_NAME_EXP: 1,
  KDC_ERR_SERVICE_EXP: 2,
  KDC_ERR_C_PRINCIPAL_UNKNOWN: 6,
  KDC_ERR_S_PRINCIPAL_UNKNOWN: 7,
  KDC_ERR_NULL_KEY: 9,
  KDC_ERR_CANNOT_POSTDATE: 10,
  KDC_ERR_NEVER_VALID: 11,
  KDC_ERR_POLICY: 12,
  KDC_ERR_BADOPTION: 13,
  KDC_ERR_ETYPE_NOSUPP: 14,
  KDC_ERR_PADATA_TYPE_NOSUPP: 16,
  KDC_ERR_CLIENT_REVOKED: 18,
  KDC_ERR_SERVICE_REVOKED: 19,
  KDC_ERR_TGT_REVOKED: 20,
  KDC_ERR_CLIENT_NOTYET: 21,
  KDC_ERR_SERVICE_NOTYET: 22,
  KDC_ERR_KEY_EXPIRED: 23,
  KDC_ERR_PREAUTH_FAILED: 24,
  KDC_ERR_PREAUTH_REQUIRED: 25,
  KDC_ERR_SERVER_NOMATCH: 26,
  KDC_ERR_MUST_USE_USER2USER: 27,
  KDC_ERR_PATH_NOT_ACCEPTED: 28,
  KDC_ERR_SVC_UNAVAILABLE: 29,
  KRB_AP_ERR_BAD_INTEGRITY: 31,
  KRB_AP_ERR_TKT_EXPIRED: 32,
  KRB_AP_ERR_TKT_NYV: 33,
  KRB_AP_ERR_REPEAT: 34,
  KRB_AP_ERR_NOT_US: 35,
  KRB_AP_ERR_BADMATCH: 36,
  KRB_AP_ERR_SKEW: 37,
  KRB_AP_ERR_MODIFIED: 41,
  KRB_AP_ERR_BADKEYVER: 44,
  KRB_AP_ERR_NOKEY: 45,
  KRB_ERR_GENERIC: 60,
  KDC_ERR_WRONG_REALM: 68,
} as const;
