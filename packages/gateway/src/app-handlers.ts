import { accessHandlers } from "./access/access-handlers.ts";
import { checkOutHandlers } from "./access/check-out-handlers.ts";
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
import { sessionHandlers } from "./session/session-routes.ts";

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
  const nouns = { store, journal, environment, facts, keeper, countSessions, openable };
  return [
    ...auth.handlers,
    ...fleetHandlers(nouns),
    ...accessHandlers(nouns),
    ...requestHandlers({ ...nouns, outbox, onAccessChanged: () => broker.revalidate() }),
    ...checkOutHandlers({ ...nouns, onAccessChanged: () => broker.revalidate() }),
    ...sessionHandlers({
      broker,
      store: sessionStore,
      nodeId,
      takeOwnSecret: auth.takeOwnSecret,
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
