import type { Rectangle } from "../../language.ts";

/**
 * The same places in fewer rectangles: those side by side of one height become one, then those below each other of one
 * width. Encoders name a full picture as hundreds of squares, and drawing has a cost for each.
 */
export function joinNeighbours(rectangles: readonly Rectangle[]): Rectangle[] {
  const rows = join(
    rectangles.toSorted((one, other) => one.y - other.y || one.height - other.height || one.x - other.x),
    (last, next) => last.y === next.y && last.height === next.height && last.x + last.width === next.x,
    (last, next) => ({ ...last, width: last.width + next.width }),
  );
  return join(
    rows.toSorted((one, other) => one.x - other.x || one.width - other.width || one.y - other.y),
    (last, next) => last.x === next.x && last.width === next.width && last.y + last.height === next.y,
    (last, next) => ({ ...last, height: last.height + next.height }),
  );
}

function join(
  sorted: readonly Rectangle[],
  areNeighbours: (last: Rectangle, next: Rectangle) => boolean,
  together: (last: Rectangle, next: Rectangle) => Rectangle,
): Rectangle[] {
  const joined: Rectangle[] = [];
  for (const next of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && areNeighbours(last, next)) joined[joined.length - 1] = together(last, next);
    else joined.push(next);
  }
  return joined;
}
