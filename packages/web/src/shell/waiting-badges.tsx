import { Badge, Group } from "@mantine/core";
import { countMyReports, countRequests } from "@poterne/contract";
import { useCall } from "../api/use-call.ts";
import { counted } from "../i18n/format.ts";
import { useLanguage } from "../i18n/tongue.tsx";
import { useRight } from "./signed-in.tsx";

/** A new request or emergency is seen within this. */
const REFRESH_MS = 15_000;

const fr = {
  waiting: (count: number) =>
    counted("fr", count, {
      one: "# demande attend votre décision",
      other: "# demandes attendent votre décision",
    }),
  running: (count: number) =>
    counted("fr", count, { one: "# accès d'urgence ouvert", other: "# accès d'urgence ouverts" }),
  missing: (count: number) =>
    counted("fr", count, {
      one: "# compte rendu d'urgence manque",
      other: "# comptes rendus d'urgence manquent",
    }),
  owed: (count: number) =>
    counted("fr", count, {
      one: "vous devez # compte rendu d'urgence",
      other: "vous devez # comptes rendus d'urgence",
    }),
};

const en: typeof fr = {
  waiting: (count) =>
    counted("en", count, {
      one: "# request waits for your decision",
      other: "# requests wait for your decision",
    }),
  running: (count) =>
    counted("en", count, { one: "# emergency access is open", other: "# emergency accesses are open" }),
  missing: (count) =>
    counted("en", count, {
      one: "# emergency report is missing",
      other: "# emergency reports are missing",
    }),
  owed: (count) =>
    counted("en", count, {
      one: "you owe # emergency report",
      other: "you owe # emergency reports",
    }),
};

/**
 * What of requests waits for this person: a count of decisions to take (vendor passes too), and one of emergencies that
 * run, whose report is missing, or is owed. Nothing when nothing does.
 */
export function WaitingBadges() {
  const words = useLanguage().language === "fr" ? fr : en;
  const canDecide = useRight("requests:decide");
  const canAsk = useRight("sessions:open");
  const { data } = useCall(countRequests, {}, { isEnabled: canDecide, refreshMs: REFRESH_MS });
  const { data: mine } = useCall(countMyReports, {}, { isEnabled: canAsk, refreshMs: REFRESH_MS });
  const waiting = (data?.count ?? 0) + (data?.passes ?? 0);
  const urgent = [
    { count: mine?.due ?? 0, say: words.owed },
    { count: data?.openEmergencies ?? 0, say: words.running },
    { count: data?.missingReports ?? 0, say: words.missing },
  ].filter(({ count }) => count > 0);
  const urgentCount = urgent.reduce((sum, { count }) => sum + count, 0);
  return (
    <Group gap={4} wrap="nowrap">
      {urgentCount > 0 && (
        <Count
          text={`▲ ${urgentCount}`}
          words={urgent.map(({ count, say }) => say(count)).join(", ")}
          isUrgent
        />
      )}
      {waiting > 0 && <Count text={String(waiting)} words={words.waiting(waiting)} />}
    </Group>
  );
}

function Count(props: { readonly text: string; readonly words: string; readonly isUrgent?: boolean }) {
  return (
    <Badge
      size="md"
      flex="none"
      variant={props.isUrgent === true ? "outline" : "filled"}
      color={props.isUrgent === true ? "red" : "teal"}
      title={props.words}
    >
      <span aria-hidden>{props.text}</span>
      <span className="visually-hidden">{props.words}</span>
    </Badge>
  );
}
