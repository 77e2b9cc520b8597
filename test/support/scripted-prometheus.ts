import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The response to a query: the numbers of a vector, a whole response, or an error. */
export type Reply =
  | readonly (number | string)[]
  | { readonly data: unknown; readonly warnings?: readonly string[] }
  | { readonly error: string; readonly status?: number };

/** A server with the HTTP API of Prometheus that responds from a script, for responses that no real Prometheus would give. */
export interface ScriptedPrometheus {
  readonly address: string;
  /** The received queries in their order, with the times that they asked for. */
  readonly asked: { readonly query: string; readonly time: number; readonly headers: Record<string, unknown> }[];
  close(): Promise<void>;
}

/** Starts such a server. It calls `reply` for each query, with the number of times that this query came before. */
export async function startScriptedPrometheus(
  reply: (query: string, times: number, time: number) => Reply,
): Promise<ScriptedPrometheus> {
  const asked: ScriptedPrometheus['asked'] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? '', 'http://x');
    const form = new URLSearchParams(body === '' ? url.search : body);
    const [query, time] = [form.get('query') ?? '', Number(form.get('time') ?? form.get('end'))];
    const times = asked.filter((each) => each.query === query).length;
    asked.push({ query, time, headers: { ...request.headers } });
    const answer = reply(query, times, time);
    if ('error' in answer) {
      response.statusCode = answer.status ?? 422;
      response.end(JSON.stringify({ status: 'error', errorType: 'execution', error: answer.error }));
      return;
    }
    const vector = (values: readonly (number | string)[]): object => ({
      resultType: 'vector',
      result: values.map((value, i) => ({ metric: { i: String(i) }, value: [time, String(value)] })),
    });
    response.end(JSON.stringify({ status: 'success', ...('data' in answer ? answer : { data: vector(answer) }) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
