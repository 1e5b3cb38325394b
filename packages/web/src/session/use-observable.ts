import type { Observable } from "@poterne/viewer";
import { useEffect, useState, useSyncExternalStore } from "react";

/** The value of an observable; draws again when it changes. */
export function useObservable<Value>(observable: Observable<Value>): Value {
  return useSyncExternalStore(observable.subscribe, observable.read);
}

/** The time, drawn again every `everyMs`; stands still while `isRunning` is false. */
export function useNow(everyMs: number, isRunning = true, read: () => number = Date.now): number {
  const [now, setNow] = useState(read);
  useEffect(() => {
    if (!isRunning) return;
    setNow(read());
    const timer = setInterval(() => setNow(read()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, isRunning, read]);
  return now;
}
