import { canAct, type SessionState, stickyEvent } from "@poterne/viewer";

/** What policy, role and protocol let the clipboard carry, as the page shows it; the gateway enforces it. */
export function clipboardRules(state: SessionState) {
  const policy = state.hello?.policy;
  const toTarget = policy?.clipboardToTarget ?? "off";
  // VNC carries text only, and a terminal has nothing else.
  const isRich = state.hello?.protocol === "rdp";
  return {
    toTarget,
    fromTarget: policy?.clipboardFromTarget ?? "off",
    canAct: canAct(state),
    isRich,
    takesFiles: isRich && canAct(state) && toTarget === "all" && policy?.filesToTarget === true,
  };
}

/** Control with V, as a target's programs paste. */
export function pasteKeys() {
  const control = stickyEvent("control", true);
  const v = { type: "key", keysym: 0x76, scancode: 0x2f } as const;
  return [control, { ...v, isDown: true }, { ...v, isDown: false }, stickyEvent("control", false)];
}
