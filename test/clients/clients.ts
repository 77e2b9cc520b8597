import * as renamed from '@prometheus-io/client';
import * as promClient from 'prom-client';

/** Every metric client that Coalmine supports. Coalmine recognises them by their shape, so the tests use only that shape as their type. */
export const CLIENTS: readonly { readonly client: string; readonly prometheus: typeof promClient }[] = [
  { client: 'prom-client 15', prometheus: promClient },
  { client: '@prometheus-io/client 0.16', prometheus: renamed as unknown as typeof promClient },
];
