import type { LdapConfig, OidcConfig, SignInState } from "@poterne/contract";
import { ApiClient, type TestGateway } from "./gateway.ts";
import { codeNow, type TestPerson } from "./people.ts";

/** Adds an identity provider over the API and enables it; replies its id. */
export async function addProvider(
  api: ApiClient,
  name: string,
  config: LdapConfig | OidcConfig,
  secret: string | null,
): Promise<string> {
  const made = await api.must<{ providerId: string; revision: number }>(
    "POST",
    "/api/v1/identity-providers",
    {
      name,
      config,
    },
  );
  const address = `/api/v1/identity-providers/${made.providerId}`;
  const { revision } = await api.must<{ revision: number }>("POST", `${address}/secret`, { secret });
  await api.must("PATCH", address, { revision, isEnabled: true });
  return made.providerId;
}

/** Goes on from where a first proof led to: enrols a device, or gives the code of one enrolled before. */
export async function finishSignIn(
  api: ApiClient,
  login: string,
  begun: SignInState,
  totpSecret = "",
): Promise<TestPerson> {
  let state = begun;
  let secret = totpSecret;
  for (let turn = 0; state.state !== "signed-in"; turn++) {
    if (turn > 4 || state.state === "nobody") throw new Error(`no way on: ${JSON.stringify(state)}`);
    api.csrfToken = state.csrfToken;
    if (state.state === "enrolment-needed") {
      const totp = await api.must<{ factorId: string; secret: string }>("POST", "/api/v1/me/totp", {});
      secret = totp.secret;
      const code = codeNow(secret);
      await api.must("POST", `/api/v1/me/totp/${totp.factorId}/confirm`, { code, name: "test" });
      state = await api.must<SignInState>("GET", "/api/v1/sign-in");
    } else if (state.state === "factor-needed") {
      // The code of the enrolment was used: the application's next one.
      state = await api.must<SignInState>("POST", "/api/v1/sign-in/totp", { code: codeNow(secret, 1) });
    } else throw new Error(`unexpected state ${JSON.stringify(state)}`);
  }
  api.csrfToken = state.csrfToken;
  const { personId } = state.person;
  return { personId, login, password: "", api, totpSecret: secret, recoveryCodes: [] };
}

/** Signs somebody of a directory in with name and password, as the form does. */
export async function enterByPassword(
  gateway: TestGateway,
  login: string,
  password: string,
  totpSecret = "",
): Promise<TestPerson> {
  const api = new ApiClient(gateway);
  const begun = await api.must<SignInState>("POST", "/api/v1/sign-in/password", { login, password });
  return finishSignIn(api, login, begun, totpSecret);
}
