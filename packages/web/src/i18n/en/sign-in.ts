import { counted } from "../format.ts";
import type { signIn as source } from "../fr/sign-in.ts";

/** Words of signing in and enrolling, in English. */
export const signIn: typeof source = {
  title: "Sign in",
  login: "Login",
  loginHint: "The one your administrator gave you.",
  loginHintDirectory: (names) => `The one of this gateway, or of ${names.join(", ")}.`,
  withFederation: (name) => `Sign in with ${name}`,
  federationNeededText: "This link replaces your devices. Sign in at your federation first.",
  firstStart:
    "No administrator exists yet. Open the “First sign-in” link that the gateway printed when it started; it is good for one hour.",
  passwordAgain: "Password, once more",
  passwordsDiffer: "The two entries differ.",
  withPassword: "Sign in",
  withTicket: "Sign in with my domain session",
  orPasskey: "or",
  passkeyHidden: {
    "ip-address": "Passkeys are hidden: browsers refuse them at an IP address. Open the gateway by its name.",
    "not-secure": "Passkeys are hidden: they need HTTPS.",
  },
  welcome: (name: string) => `Hello ${name}`,
  linkOpening: "Opening the link…",
  linkFailed: "This link cannot be opened",
  toSignIn: "Go to the sign-in page",
  passwordNeededText: "This link replaces your devices. Give your password first.",
  newPasswordTitle: "Choose your password",
  newPasswordFirst: "First administrator",
  newPasswordFirstText: "You are creating the account that will administer this gateway.",
  yourName: "Your name",
  newPassword: "New password",
  rules: (minLength: number, remembered: number) =>
    `At least ${counted("en", minLength, { one: "# character", other: "# characters" })}; a sentence of several words does well. ${
      remembered > 0
        ? `Different from ${counted("en", remembered, { one: "your last password", other: "your last #" })}.`
        : ""
    }`,
  factorTitle: "Second factor",
  factorText: "Confirm that it is you.",
  otherWays: "Other ways",
  enrolTitle: "Protect your account",
  enrolText: "A second factor is required before first use. Choose one; you can add others later.",
  enrolPasskey: "Passkey",
  enrolPasskeyText:
    "Recommended. Your computer, phone or security key confirms who you are; nothing to copy.",
  enrolTotp: "Code app",
  enrolTotpText: "An app on your phone shows a six-digit code every 30 seconds.",
  choose: "Choose",
  scan: "Scan this QR code with your app, then type the code it shows.",
  qrLabel: "QR code to scan with the authenticator app",
  typeSecret: "Or type this key into the app:",
  deviceName: "Name of this device",
  deviceNameTotp: "My phone",
  deviceNamePasskey: "My passkey",
  finishEnrolment: "Verify and save",
  codesTitle: "Your recovery codes",
  codesText:
    "They replace your device if it is lost. Each works once. They will never be shown again: keep them safe, somewhere other than on this device.",
  codesDownload: "Download",
  codesPrint: "Print",
  codesCopy: "Copy",
  codesFile: "poterne-recovery-codes.txt",
  codesSaved: "I have put these codes in a safe place",
  charterTitle: "Charter of use",
  charterText: "Read it; accepting it is needed to go on. Your acceptance is journaled.",
  charterAccept: "I have read and accept the charter",
  leaving: "Signed in. Opening the console…",
};
