import {
  beginPasskey,
  beginTotp,
  confirmPasskey,
  confirmTotp,
  Failure,
  listMyFactors,
  removeMyFactor,
  renameMyFactor,
  renewRecoveryCodes,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { entryAbout, journalThenDo } from "./auth-journal.ts";
import type { AuthParts } from "./auth-parts.ts";
import type { Enrolment } from "./enrolment.ts";
import { requireBrowser } from "./own.ts";
import { visitOf } from "./visit.ts";

/** Handlers of one's own devices and recovery codes. */
export function factorHandlers(parts: AuthParts, enrolment: Enrolment): Handler[] {
  const { factors, recoveryCodes, journal, settings } = parts;
  return [
    handle(beginTotp, (_input, context) => enrolment.beginTotp(visitOf(context))),
    handle(confirmTotp, ({ params, body }, context) =>
      enrolment.confirmTotp(visitOf(context), params.factorId, body),
    ),
    handle(beginPasskey, (_input, context) => enrolment.askPasskey(visitOf(context))),
    handle(confirmPasskey, ({ body }, context) => enrolment.confirmPasskey(visitOf(context), body)),
    handle(listMyFactors, async (_input, context) => {
      const { personId } = requireBrowser(context);
      const devices = await factors.devices(personId);
      const canRemove = devices.length > 1 || !settings().isFactorRequired;
      return {
        items: devices.map((device) => ({ ...device, canRemove })),
        recoveryCodesLeft: await recoveryCodes.count(personId),
      };
    }),
    handle(renameMyFactor, async ({ params, body }, context) => {
      const { personId } = requireBrowser(context);
      if (!(await factors.rename(personId, params.factorId, body.name))) throw new Failure("not-found");
      await journal.append(about(context, "factor.renamed", { ...params, name: body.name }));
      return {};
    }),
    handle(removeMyFactor, async ({ params }, context) => {
      const { personId } = requireBrowser(context);
      await journalThenDo(journal, about(context, "factor.removed", params), () =>
        factors.remove(personId, params.factorId),
      );
      return {};
    }),
    handle(renewRecoveryCodes, async (_input, context) => {
      const { personId } = requireBrowser(context);
      if ((await factors.devices(personId)).length === 0)
        throw new Failure("conflict", { detail: "recovery codes replace a device, and there is none" });
      const codes = await journalThenDo(journal, about(context, "recovery-codes.renewed", {}), () =>
        recoveryCodes.renew(personId),
      );
      return { recoveryCodes: codes };
    }),
  ];
}

function about(context: RequestContext, kind: string, details: Record<string, string>) {
  return entryAbout(context, { kind, personId: context.person().personId, details });
}
