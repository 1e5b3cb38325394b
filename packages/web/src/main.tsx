import { installTrustedTypes, readNonce, stampStyles } from "./boot/csp.ts";

installTrustedTypes();
stampStyles(readNonce());

const root = document.getElementById("root");
if (root !== null) {
  const isSignIn = location.pathname === "/sign-in";
  void (isSignIn ? import("./sign-in/start.tsx") : import("./shell/start.tsx")).then(({ start }) =>
    start(root),
  );
}
