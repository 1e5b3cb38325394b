/** A machine and one of its ways in as one name; a way in named like its machine is not said twice. */
export function targetName(machineName: string, ownName: string): string {
  return machineName === ownName ? machineName : `${machineName} · ${ownName}`;
}
