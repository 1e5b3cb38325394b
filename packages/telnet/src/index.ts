export { Command, Option } from "./codes.ts";
export {
  ACCEPTED_AFTER_MS,
  type LoginPatterns,
  LoginScript,
  type LoginStep,
  PROMPT_TIMEOUT_MS,
  SETTLE_MS,
} from "./login-script.ts";
export { type Negotiation, type OptionChange, OptionState } from "./option-state.ts";
export { parsePromptPattern } from "./prompt-pattern.ts";
export { SecretFilter } from "./secret-filter.ts";
export { MAX_ANSWERS, MAX_SUBNEGOTIATION_BYTES, TelnetCore, type TelnetEvent } from "./telnet-core.ts";
