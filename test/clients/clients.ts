import * as renamed from '@prometheus-io/client';
import * as promClient from 'prom-client';

/** Every client that Coalmine lives with. They are told by shape, and shape is all that the tests use of their types. */
export const CLIENTS: readonly { readonly client: string; readonly prometheus: typeof promClient }[] = [
  { client: 'prom-client 15', prometheus: promClient },
  { client: '@prometheus-io/client 0.16', prometheus: renamed as unknown as typeof promClient },
];
