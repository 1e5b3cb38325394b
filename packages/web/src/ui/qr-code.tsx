import { encode } from "uqr";

const QUIET_ZONE_MODULES = 4;

/** A QR code as one SVG path, black on white whatever the theme, because cameras want it so. */
export function QrCode(props: { readonly text: string; readonly label: string; readonly sizePx?: number }) {
  const { data, size } = encode(props.text, { border: QUIET_ZONE_MODULES, ecc: "M" });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      width={props.sizePx ?? 208}
      height={props.sizePx ?? 208}
      role="img"
      aria-label={props.label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
