/**
 * What a frame carries. The numbers are on the wire and in recordings (docs/wire.md): never renumber one.
 * `input`, `flow` and `control` go from the viewer to the gateway; the others from the gateway to the viewers.
 */
export const Channel = {
  /** JSON `StatusMessage`: steps, questions, viewers, policy, end. */
  status: 0,
  /** Picture language (docs/wire.md): surfaces, draw, copy, fill, present. */
  picture: 1,
  /** Pointer shape and position, in the picture language's cursor commands. */
  pointer: 2,
  /** Bytes a terminal shows, UTF-8. */
  text: 3,
  /** Clipboard content or its description, both ways. */
  clipboard: 4,
  /** What the target sounds: a format and samples (docs/wire.md, sound). */
  sound: 5,
  /** JSON `FileEvent`: what was transferred, never the content. */
  file: 6,
  /** JSON `Marker`: resize, title, bell, viewer joined, comment: what a time line shows. */
  marker: 7,
  /** Keys, pointer, typed text (docs/wire.md, input). */
  input: 8,
  /** What the viewer has consumed: u32 bytes, cumulative modulo 2^32. */
  flow: 9,
  /** JSON `ControlMessage`: answers, control hand-over, guardian's orders, ping. */
  control: 10,
} as const;

/** One of the numbers of `Channel`. */
export type ChannelId = (typeof Channel)[keyof typeof Channel];

/** Marks in a frame's second byte. */
export const FrameFlag = {
  /** First frame of an entry point: a viewer with empty state may start here. */
  entryStart: 1,
  /** Last frame of that entry point. */
  entryEnd: 2,
  /** Shown only, never recorded (status messages of one viewer, questions). */
  transient: 4,
  /** Recorded only, never sent to viewers. */
  recordOnly: 8,
} as const;
