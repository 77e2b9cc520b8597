// Every value is parsed at start-up. A value that cannot be used throws an error that says what it must be.
export {
  booleanOption,
  choiceOption,
  functionOption,
  integerOption,
  isMapping,
  keysOf,
  listOption,
  objectOption,
  secondsOption,
  secondsOrZeroOption,
  timerSeconds,
  type WithAllKeys,
} from './option.js';
export { InvalidOption, within } from './invalid-option.js';
export { negotiable } from './negotiable.js';
export { messageOf, textOf } from './message.js';
export { CoalmineError, type CoalmineErrorCode } from './coalmine-error.js';
export { type CoalmineWarningCode, type Warn, warn } from './warning.js';
