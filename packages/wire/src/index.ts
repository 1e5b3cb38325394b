export { Channel, type ChannelId, FrameFlag } from "./channel.ts";
export {
  decodeFrames,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type Frame,
  MAX_FRAME_PAYLOAD_BYTES,
  readAcknowledgement,
  writeFrameHeader,
} from "./frame.ts";
export {
  decodeInput,
  encodeInput,
  type InputEvent,
  type KeyInput,
  type LockInput,
  MAX_INPUT_EVENTS,
  MAX_INPUT_TEXT_BYTES,
  type PointerInput,
  type ReleaseInput,
  type ResizeInput,
  type TextInput,
} from "./input.ts";
export { characterOfKeysym, keysymOfCharacter } from "./keysym.ts";
export {
  ClipboardKind,
  type ControlMessage,
  DECODES_H264,
  DECODES_OPUS,
  type FileEvent,
  MAX_CLIPBOARD_BYTES,
  type Marker,
  NO_GUARDIAN,
  type Question,
  type QuestionField,
  type StatusMessage,
  type StepName,
  type ViewerRole,
  WIRE_VERSION,
  type WirePolicy,
  type WireViewer,
} from "./messages.ts";
export {
  type DesktopPlace,
  MAX_SCALE_PERCENT,
  MAX_SCREENS,
  MIN_SCALE_PERCENT,
  type ScreensInput,
  type ViewerScreen,
} from "./screens.ts";
export {
  decodeSound,
  encodeSound,
  MAX_SOUND_BYTES,
  MAX_SOUND_CHANNELS,
  SOUND_RATES_HZ,
  SoundCodec,
  type SoundCodecId,
  type SoundFormat,
} from "./sound.ts";
export { ignoreEndlessRepetitions, type RepeatingTerminal } from "./terminal-repetitions.ts";
