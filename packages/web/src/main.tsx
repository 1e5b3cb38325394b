import { installTrustedTypes, readNonce, stampStyles } from "./boot/csp.ts";
import { loadAgain } from "./boot/load-again.ts";

installTrustedTypes();
stampStyles(readNonce());

const root = document.getElementById("root");
if (root !== null) {
  const isSignIn = location.pathname === "/sign-in";
  const page = isSignIn ? import("./sign-in/start.tsx") : import("./shell/start.tsx");
  void page.then(({ start }) => start(root), loadAgain);
}
