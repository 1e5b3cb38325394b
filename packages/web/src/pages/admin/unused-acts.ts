import {
  bulkGrants,
  changeGroupMembers,
  getAccount,
  type UnusedRow,
  updateAccount,
  updatePerson,
} from "@poterne/contract";
import { call } from "../../api/call.ts";

/** Takes rights away, or gives them back: each by the route of its noun, journaled there. Counts what was done before a failure. */
export async function changeRights(
  rows: readonly UnusedRow[],
  how: "revoke" | "restore",
  onDone: (count: number) => void,
): Promise<void> {
  const isRevoking = how === "revoke";
  const grantIds = rows.filter(({ kind }) => kind === "grant").map(({ objectId }) => objectId);
  if (grantIds.length > 0) {
    await call(bulkGrants, { body: { grantIds, action: { kind: isRevoking ? "delete" : "restore" } } });
    onDone(grantIds.length);
  }
  for (const row of rows) {
    if (row.kind === "grant") continue;
    await changeOne(row, isRevoking);
    onDone(1);
  }
}

async function changeOne({ kind, objectId, groupId }: UnusedRow, isRevoking: boolean): Promise<void> {
  if (kind === "membership") {
    const body = isRevoking ? { removePersonIds: [objectId] } : { addPersonIds: [objectId] };
    await call(changeGroupMembers, { params: { groupId: groupId ?? "" }, body });
  } else if (kind === "person")
    await call(updatePerson, { params: { personId: objectId }, body: { isDisabled: isRevoking } });
  else {
    const params = { accountId: objectId };
    const { version } = await call(getAccount, { params });
    await call(updateAccount, { params, body: { version, isDisabled: isRevoking } });
  }
}

/** Lines of a CSV file (RFC 4180), `;` between cells as French spreadsheets read it; no cell begins a formula. */
export function toCsv(lines: readonly (readonly string[])[]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  return `\u{feff}${lines.map((line) => line.map(cell).join(";")).join("\r\n")}\r\n`;
}
