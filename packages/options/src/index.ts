// A value is parsed at the door, or an error says in one sentence what it must be.
export {
  booleanOption,
  choiceOption,
  functionOption,
  integerOption,
  keysOf,
  listOption,
  objectOption,
  secondsOption,
  secondsOrZeroOption,
} from './option.js';
export { InvalidOption, within } from './invalid-option.js';
export { negotiable } from './negotiable.js';
export { messageOf, textOf } from './message.js';
export { CoalmineError, type CoalmineErrorCode } from './coalmine-error.js';
export { type CoalmineWarningCode, type Warn, warn } from './warning.js';
