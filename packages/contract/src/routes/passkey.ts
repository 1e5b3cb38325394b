import { z } from "zod";

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/);

/**
 * A question to an authenticator: `options` goes to `PublicKeyCredential.parseCreationOptionsFromJSON` or
 * `parseRequestOptionsFromJSON`; the id comes back with the answer. Valid for two minutes, once.
 */
export const passkeyQuestion = z.object({
  challengeId: z.string(),
  options: z.looseObject({ challenge: z.string() }),
});

const transports = z.array(z.string().max(32)).max(8).optional();
const attachment = z.enum(["platform", "cross-platform"]).optional();

/** A new passkey as `credential.toJSON()` gives it; unknown members are dropped. */
export const newPasskey = z.object({
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal("public-key"),
  authenticatorAttachment: attachment,
  clientExtensionResults: z.object({}).default({}),
  response: z.object({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(16_384),
    transports,
  }),
});

/** An answer of a known passkey as `credential.toJSON()` gives it, with the question's id. */
export const passkeyAnswer = z.strictObject({
  challengeId: z.string().max(64),
  credential: z.object({
    id: base64url(1400),
    rawId: base64url(1400),
    type: z.literal("public-key"),
    authenticatorAttachment: attachment,
    clientExtensionResults: z.object({}).default({}),
    response: z.object({
      clientDataJSON: base64url(4096),
      authenticatorData: base64url(4096),
      signature: base64url(4096),
      userHandle: base64url(128).optional(),
    }),
  }),
});
export type PasskeyAnswer = z.infer<typeof passkeyAnswer>;
