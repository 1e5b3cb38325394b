import { Popover } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";

/** A button of the bar that opens a small panel. The panel is marked, so that the bar stays while it is open. */
export function BarMenu(props: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly widthPx?: number;
  /** Said after the label, for a state that the icon shows. */
  readonly state?: string;
  readonly children: (close: () => void) => ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const name = props.state === undefined ? props.label : `${props.label} : ${props.state}`;
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      width={props.widthPx ?? 320}
      position="bottom-end"
      trapFocus
      returnFocus
      withinPortal
      shadow="md"
    >
      <Popover.Target>
        <button
          type="button"
          className="session-button"
          aria-label={name}
          title={name}
          onClick={() => setOpen(!isOpen)}
        >
          {props.icon}
          <span className="session-button-label" aria-hidden>
            {props.label}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={props.label} data-session-menu={isOpen ? "open" : "closed"}>
        {isOpen && <MenuBody>{props.children(close)}</MenuBody>}
      </Popover.Dropdown>
    </Popover>
  );
}

/** Keeps the keyboard inside when the button that was pressed leaves the menu: Escape and Tab go on from here. */
function MenuBody(props: { readonly children: ReactNode }) {
  const bodyRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const body = bodyRef.current;
    if (body === null) return;
    const observer = new MutationObserver(() => {
      if (document.activeElement === document.body) body.focus();
    });
    observer.observe(body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);
  return (
    <div className="session-menu" ref={bodyRef} tabIndex={-1}>
      {props.children}
    </div>
  );
}
