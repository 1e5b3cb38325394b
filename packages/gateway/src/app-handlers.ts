import { accessHandlers } from "./access/access-handlers.ts";
import { checkOutHandlers } from "./access/check-out-handlers.ts";
import { requireStepUp } from "./access/step-up.ts";
import type { Services } from "./app-services.ts";
import { complianceHandlers } from "./compliance/compliance-handlers.ts";
import { fleetHandlers } from "./fleet/fleet-handlers.ts";
import { healthHandlers } from "./health/health-handlers.ts";
import type { Handler } from "./http/handlers.ts";
import { journalHandlers } from "./journal/journal-handlers.ts";
import { kerberosHandlers } from "./kerberos/kerberos-handlers.ts";
import { mailHandlers } from "./mail/mail-handlers.ts";
import { identitiesOf } from "./people/linked-people.ts";
import { recordingHandlers } from "./recording/recording-handlers.ts";
import { requestHandlers } from "./requests/request-handlers.ts";
import { fileHandlers } from "./session/files/file-handlers.ts";
import { type SessionRouteDependencies, sessionHandlers } from "./session/session-routes.ts";
import { vendorHandlers } from "./vendors/vendor-handlers.ts";

/** Every route of the API with the function that answers it. */
export function makeHandlers(services: Services): readonly Handler[] {
  const {
    auth,
    broker,
    environment,
    facts,
    journal,
    keeper,
    nodeId,
    openable,
    outbox,
    post,
    recordings,
    sessionStore,
    store,
    syslog,
  } = services;
  const countSessions = (personId: string, targetId: string) => broker.count(personId, targetId);
  const { signIn, sessions } = services.settings;
  const portal = { networks: signIn.allowedSources, guardianWaitMinutes: sessions.guardianWaitMinutes };
  const nouns = { store, journal, environment, facts, keeper, countSessions, openable, portal };
  const { factorRules, hasDevice } = auth;
  const now = () => environment.now();
  const stepUp: SessionRouteDependencies["requireStepUp"] = (context, targetId) =>
    requireStepUp({ store, facts, factorRules, now, hasDevice }, context, targetId);
  return [
    ...auth.handlers,
    ...fleetHandlers(nouns),
    ...accessHandlers(nouns),
    ...requestHandlers({ ...nouns, outbox, onAccessChanged: () => broker.revalidate() }),
    ...vendorHandlers({
      ...nouns,
      outbox,
      people: auth.people,
      makeFirstLink: (personId) => auth.makeFirstLink(personId),
      onAccessChanged: () => broker.revalidate(),
      organisation: services.settings.organisation,
    }),
    ...checkOutHandlers({ ...nouns, onAccessChanged: () => broker.revalidate() }),
    ...sessionHandlers({
      broker,
      store: sessionStore,
      nodeId,
      takeOwnSecret: auth.takeOwnSecret,
      requireStepUp: stepUp,
      identitiesOf: (personId) => identitiesOf(store, personId),
    }),
    ...fileHandlers({ liveSessions: broker, journal }),
    ...recordingHandlers(recordings),
    ...journalHandlers({ store, keeper, environment, nodeId, journal, syslog }),
    ...mailHandlers({
      store,
      journal,
      environment,
      post,
      mail: services.settings.mail,
      organisation: services.settings.organisation,
    }),
    ...healthHandlers(services),
    ...complianceHandlers(services),
    ...kerberosHandlers(services),
  ];
}
