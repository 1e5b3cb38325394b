import {
  Failure,
  forgetMyRememberedDevice,
  forgetPersonRememberedDevice,
  listMyRememberedDevices,
  listPersonRememberedDevices,
  rememberMyDevice,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { requireManageable, requireVisible } from "../people/person-scope.ts";
import { entryAbout, journalThenDo } from "./auth-journal.ts";
import type { AuthParts } from "./auth-parts.ts";
import { requireBrowser } from "./own.ts";
import { DEVICE_COOKIE } from "./remembered-devices.ts";
import { hashSecretToken } from "./secret-token.ts";

const DAY_MS = 86_400_000;

/** Handlers of remembered browsers: one's own, and a person's for the help desk. */
export function rememberedHandlers(parts: AuthParts): Handler[] {
  const { people, remembered, journal } = parts;
  const forget = async (context: RequestContext, personId: string, deviceId: string) => {
    const entry = entryAbout(context, {
      kind: "remembered-device.forgotten",
      personId,
      details: { deviceId },
    });
    await journalThenDo(journal, entry, async () => {
      if (deviceId === "all") await remembered.forgetAll(personId);
      else if (!(await remembered.forget(personId, deviceId))) throw new Failure("not-found");
    });
    return {};
  };
  return [
    handle(listMyRememberedDevices, async (_input, context) =>
      show(parts, requireBrowser(context).personId, context.cookies[DEVICE_COOKIE]),
    ),
    handle(rememberMyDevice, async (_input, context) => remember(parts, context)),
    handle(forgetMyRememberedDevice, async ({ params }, context) =>
      forget(context, requireBrowser(context).personId, params.deviceId),
    ),
    handle(listPersonRememberedDevices, async ({ params }, context) => {
      const { id } = await requireVisible(people, context, params.personId);
      return show(parts, id, undefined);
    }),
    handle(forgetPersonRememberedDevice, async ({ params }, context) => {
      const { id } = await requireManageable(people, context, params.personId);
      return forget(context, id, params.deviceId);
    }),
  ];
}

async function remember(parts: AuthParts, context: RequestContext) {
  const { personId } = requireBrowser(context);
  const { remembered, journal, settings, factors, environment } = parts;
  const { rememberedMs } = settings();
  // A browser stands for a device: whoever has none has nothing to be spared.
  if (rememberedMs === 0 || (await factors.devices(personId)).length === 0)
    throw new Failure("remembered-off");
  const details = { days: Math.round(rememberedMs / DAY_MS) };
  const entry = entryAbout(context, { kind: "remembered-device.added", personId, details });
  const { sourceAddress, userAgent } = context;
  const made = await journalThenDo(journal, entry, () =>
    remembered.remember(personId, { sourceAddress, userAgent }),
  );
  context.setCookie(DEVICE_COOKIE, made.token, Math.ceil((made.endsAtMs - environment.now()) / 1000));
  return show(parts, personId, made.token);
}

async function show({ remembered, settings }: AuthParts, personId: string, token: string | undefined) {
  const { rememberedMs } = settings();
  const current = token === undefined ? "" : hashSecretToken(token.slice(0, 128));
  const rows = await remembered.list(personId);
  return {
    rememberedDays: Math.round(rememberedMs / DAY_MS),
    items: rows.map((row) => ({
      deviceId: row.id,
      userAgent: row.user_agent,
      sourceAddress: row.source_address,
      createdAtMs: row.created_at_ms,
      lastUsedAtMs: row.last_used_at_ms,
      endsAtMs: Math.min(row.ends_at_ms, row.created_at_ms + rememberedMs),
      isCurrent: row.token_hash === current,
    })),
  };
}
