import type { Ref } from "react";
import { useSessionTexts } from "./use-texts.ts";

/** The edge by which the bar comes and goes: the first thing of the page that a keyboard reaches. */
export function BarHandle(props: {
  readonly ref: Ref<HTMLButtonElement>;
  readonly isOpen: boolean;
  readonly open: () => void;
  readonly close: () => void;
  /** Gives the keyboard back to the picture. */
  readonly focusPicture: () => void;
}) {
  const { isOpen, open, close, focusPicture } = props;
  const texts = useSessionTexts();
  const label = isOpen ? texts.closeBar : texts.openBar;
  return (
    <button
      type="button"
      ref={props.ref}
      className="session-handle"
      aria-label={label}
      aria-expanded={isOpen}
      title={label}
      onClick={(event) => {
        // A mouse or a finger has opened the bar by coming here: its click must not close it again.
        if (!isOpen || event.detail > 0) return open();
        close();
        focusPicture();
      }}
    />
  );
}
