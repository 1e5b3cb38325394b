import { makeRdpSession, RDP_PORT } from "/work/wt/r1/tests/support/rdp-session.ts";
import { execFileSync } from "node:child_process";
for (const name of ["xrdp","xrdp10"] as const) {
  const s = makeRdpSession({port: RDP_PORT[name]});
  await s.driver.open();
  await new Promise(r=>setTimeout(r,6000));
  console.log(name,s.entryEnds(), s.host.frames.length, s.host.end?.code, JSON.stringify(s.host.markers), String(s.viewer.errors[0]));
  console.log(execFileSync("sh",["-c","ps -eo user,args | grep -E 'Xorg|Xvnc' | grep -v grep"]).toString());
  s.driver.close();
}
process.exit(0)
