import { Badge } from "@mantine/core";
import { countRequests } from "@poterne/contract";
import { useCall } from "../api/use-call.ts";
import { useWords } from "../i18n/tongue.tsx";
import { useRight } from "./signed-in.tsx";

/** A new request is seen within this. */
const REFRESH_MS = 15_000;

/** How many requests and vendor passes wait for this person's decision; nothing when none does. */
export function WaitingBadge() {
  const { requests } = useWords();
  const canDecide = useRight("requests:decide");
  const { data } = useCall(countRequests, {}, { isEnabled: canDecide, refreshMs: REFRESH_MS });
  const count = data === undefined ? 0 : data.count + data.passes;
  if (!canDecide || count === 0) return null;
  return (
    <Badge circle size="md" variant="filled" title={requests.waiting(count)}>
      {count}
      <span className="visually-hidden">{requests.waiting(count)}</span>
    </Badge>
  );
}
