import type { ReactNode } from "react";

/** One button of the bar: an icon and, where there is room, its word. */
export function BarButton(props: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly onClick?: () => void;
  readonly isLabelHidden?: boolean;
  readonly isPressed?: boolean;
  readonly isDanger?: boolean;
}) {
  return (
    <button
      type="button"
      className="session-button"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isPressed}
      data-danger={props.isDanger}
      onClick={props.onClick}
    >
      {props.icon}
      {!props.isLabelHidden && (
        <span className="session-button-label" aria-hidden>
          {props.label}
        </span>
      )}
    </button>
  );
}
