// A server listens and primes itself, the pod is ready, its users are served, and then it is warm: in that order.
export { createPriming, type Priming, type PrimingHooks, type Progress } from './priming.js';
export type { PrimeOptions, PrimeRequest } from './prime-options.js';
export { createWarmup, type Warmup } from './warmup.js';
export type { WarmupOptions } from './warmup-options.js';
