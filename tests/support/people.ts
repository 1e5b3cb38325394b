import { totpCode, totpStep } from "../../packages/gateway/src/auth/totp.ts";
import { ApiClient, type TestGateway } from "./gateway.ts";

/** Someone of a test: signed in with password and authenticator application, as a person would. */
export interface TestPerson {
  readonly personId: string;
  readonly login: string;
  readonly password: string;
  readonly api: ApiClient;
  /** Secret of the authenticator application, base32. */
  readonly totpSecret: string;
  readonly recoveryCodes: readonly string[];
}

interface State {
  readonly state: string;
  readonly csrfToken?: string;
  readonly asksProfile?: boolean;
  readonly person?: { readonly personId: string };
  readonly charter?: { readonly version: number };
}

let stepsAhead = 0;

/** RFC 4648 §6, as an authenticator application reads a typed secret. */
function fromBase32(text: string): Uint8Array {
  const bits = [...text]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** The code an application would show now. */
export function codeNow(totpSecret: string, ahead = 0): string {
  return totpCode(fromBase32(totpSecret), totpStep(Date.now()) + ahead);
}

/** Follows a one-time link to a signed-in person: password, device, charter. */
export async function enrolByLink(
  gateway: Pick<TestGateway, "url">,
  link: string,
  profile: { login: string; name: string },
): Promise<TestPerson> {
  const api = new ApiClient(gateway);
  const password = `Poterne-${profile.login}-${++stepsAhead}-Quai-des-Brumes`;
  let totpSecret = "";
  let recoveryCodes: readonly string[] = [];
  let state = await api.must<State>("POST", "/api/v1/sign-in/link", {
    token: new URL(link).hash.replace("#link=", ""),
  });
  for (let turn = 0; state.state !== "signed-in"; turn++) {
    if (turn > 6) throw new Error(`the sign-in goes round in circles: ${JSON.stringify(state)}`);
    api.csrfToken = state.csrfToken ?? api.csrfToken;
    if (state.state === "new-password-needed") {
      const asked = state.asksProfile === true ? profile : {};
      state = await api.must<State>("POST", "/api/v1/sign-in/new-password", { password, ...asked });
    } else if (state.state === "enrolment-needed") {
      const begun = await api.must<{ factorId: string; secret: string }>("POST", "/api/v1/me/totp", {});
      totpSecret = begun.secret;
      const confirmed = await api.must<{ recoveryCodes?: readonly string[]; signIn?: State }>(
        "POST",
        `/api/v1/me/totp/${begun.factorId}/confirm`,
        {
          code: codeNow(totpSecret),
          name: "test",
        },
      );
      recoveryCodes = confirmed.recoveryCodes ?? [];
      state = await api.must<State>("GET", "/api/v1/sign-in");
    } else if (state.state === "charter-needed") {
      state = await api.must<State>("POST", "/api/v1/sign-in/charter", { version: state.charter?.version });
    } else throw new Error(`unexpected state ${JSON.stringify(state)}`);
  }
  api.csrfToken = state.csrfToken ?? "";
  return {
    personId: state.person?.personId ?? "",
    login: profile.login,
    password,
    api,
    totpSecret,
    recoveryCodes,
  };
}

/** The first administrator of a fresh gateway. */
export function enrolAdministrator(gateway: Pick<TestGateway, "url" | "link">): Promise<TestPerson> {
  return enrolByLink(gateway, gateway.link, { login: "chef", name: "Chef des systèmes" });
}

/** A person made by an administrator, enrolled and signed in. */
export async function enrolPerson(
  gateway: Pick<TestGateway, "url">,
  administrator: TestPerson,
  person: {
    login: string;
    name: string;
    roles: readonly string[];
    administeredSiteIds?: readonly string[] | null;
  },
): Promise<TestPerson> {
  const made = await administrator.api.must<{ link: { url: string } }>("POST", "/api/v1/people", {
    administeredSiteIds: null,
    ...person,
  });
  return enrolByLink(gateway, made.link.url, person);
}
