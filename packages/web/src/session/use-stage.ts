import type { SessionState } from "@poterne/viewer";
import type { ViewerRole } from "@poterne/wire";
import { createContext, startTransition, use, useLayoutEffect, useRef, useState } from "react";
import { SessionStage, type StageState } from "./stage.ts";
import { useObservable } from "./use-observable.ts";

/** The stage of the page, for everything drawn around it. */
export const StageContext = createContext<SessionStage | null>(null);

/** The stage. INVARIANT: only called below `StageContext`. */
export function useStage(): SessionStage {
  const stage = use(StageContext);
  if (stage === null) throw new Error("no session stage above this component");
  return stage;
}

/** The session's state, as the gateway tells it. */
export function useSessionState(): SessionState {
  return useObservable(useStage().connection.state);
}

/** The stage's own state. */
export function useStageState(): StageState {
  return useObservable(useStage().state);
}

/** Makes the stage once its two elements stand on the page, and lets it go with them. */
export function useMakeStage(sessionId: string, role: ViewerRole) {
  const hostRef = useRef<HTMLDivElement>(null);
  const fieldRef = useRef<HTMLTextAreaElement>(null);
  const [stage, setStage] = useState<SessionStage | null>(null);
  useLayoutEffect(() => {
    const host = hostRef.current;
    const field = fieldRef.current;
    if (host === null || field === null) return;
    const made = new SessionStage({ host, field }, sessionId, role);
    // The picture comes before what is drawn around it.
    startTransition(() => setStage(made));
    return () => {
      made.dispose();
      setStage(null);
    };
  }, [sessionId, role]);
  return { hostRef, fieldRef, stage };
}
