export { CoalmineError, type CoalmineErrorCode } from '@coalmine/options';
