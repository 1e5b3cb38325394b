import { execFileSync } from "node:child_process";
import path from "node:path";
import { labDir } from "./lab.ts";

/** Makes a person of the lab's MIT realm anew whose tickets live at most so many seconds, whatever is asked for. */
export function addBriefPerson(name: string, password: string, seconds: number): void {
  kadmin(`delprinc -force ${name}`);
  kadmin(`addprinc -pw ${password} -maxlife "${seconds} seconds" +requires_preauth ${name}`);
}

/** Takes a person out of the realm. */
export function removePerson(name: string): void {
  kadmin(`delprinc -force ${name}`);
}

function kadmin(query: string): void {
  const state = path.join(labDir, "mit-kdc");
  execFileSync("kadmin.local", ["-r", "MIT.TEST", "-q", query], {
    stdio: "pipe",
    env: {
      ...process.env,
      KRB5_CONFIG: path.join(state, "krb5.conf"),
      KRB5_KDC_PROFILE: path.join(state, "kdc.conf"),
    },
  });
}
