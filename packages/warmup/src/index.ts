// In the order of a pod: a server listens and primes itself, the pod is ready, users are served, and then it is warm.
export { createPriming, type Priming, type PrimingHooks, type Progress } from './priming.js';
export type { PrimeOptions, PrimeRequest } from './prime-options.js';
export { createWarmup, type Warmup } from './warmup.js';
export type { WarmupOptions } from './warmup-options.js';
