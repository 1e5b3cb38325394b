import type { Player } from "@poterne/viewer";
import { useEffect } from "react";

const STEP_MS = 5000;
const LARGE_STEP_MS = 30_000;

/** Keys of the player, everywhere on its page but in fields and on buttons. */
export function usePlayerKeys(player: Player): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      if (actOn(event, player)) event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [player]);
}

function actOn(event: KeyboardEvent, player: Player): boolean {
  const { positionMs, isPlaying, index } = player.state.read();
  const step = event.shiftKey ? LARGE_STEP_MS : STEP_MS;
  if (event.key === " ") {
    if (isPlaying) player.pause();
    else player.play();
  } else if (event.key === "ArrowLeft") player.seek(positionMs - step);
  else if (event.key === "ArrowRight") player.seek(positionMs + step);
  else if (event.key === "Home") player.seek(0);
  else if (event.key === "End") player.seek(index?.durationMs ?? 0);
  else if (event.key === "m" || event.key === "M") document.getElementById("player-mark")?.focus();
  else return false;
  return true;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === "range") return false;
  // xterm's own hidden field holds nothing of the person's here.
  if (target.closest(".player-host") !== null) return false;
  return target.closest("input, textarea, select, button, a, [role=tab]") !== null;
}
